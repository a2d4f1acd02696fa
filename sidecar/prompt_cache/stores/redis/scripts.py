"""What Redis runs by itself, whole or not at all.

Most work inside one hash slot, on keys called after the first they are given; the second is never there, so that a
cluster refuses to run them while the slot moves and some of its keys are here, some there. Of a record,
`<slot>:body:<key>` and `<slot>:text:<key>` end by themselves; these know of it until it is deleted or swept:

    <slot>:about                    hash: key -> its namespace, when it was created, its size, its labels
    <slot>:ends                     sorted set: key by when it expires, where it does
    <slot>:age:<namespace>          sorted set: key by when it was created
    <slot>:label:<namespace>:<label>    the same of those that carry a label
    <slot>:worth:<namespace>        sorted set: created (8 bytes that sort) + key, by worth per byte
    <slot>:hits                     hash: key -> how often it was served, where it was
    <slot>:gained:<namespace>       sorted set: key by what that was worth
    <slot>:held                     hash: n:<namespace> -> records, b:<namespace> -> bytes
    <slot>:near:<space>             vector set: key by where it stands among those it is compared with
    <slot>:vectors                  hash: key -> the space it has a vector in
"""

from hashlib import sha1
from typing import Any

_UNPLACE = """
local slot = KEYS[1]

local function unplace(key)
  local space = redis.call('HGET', slot .. ':vectors', key)
  if not space then return end
  redis.call('HDEL', slot .. ':vectors', key)
  redis.call('VREM', slot .. ':near:' .. space, key)
end
"""

_FORGET = (
    _UNPLACE
    + """
local about, ends, sizes = slot .. ':about', slot .. ':ends', slot .. ':held'

local function forget(key)
  unplace(key)
  local packed = redis.call('HGET', about, key)
  if not packed then return end
  local namespace, created, size, labels = unpack(cmsgpack.unpack(packed))
  redis.call('HDEL', about, key)
  redis.call('ZREM', ends, key)
  redis.call('ZREM', slot .. ':age:' .. namespace, key)
  redis.call('ZREM', slot .. ':worth:' .. namespace, created .. key)
  if redis.call('HDEL', slot .. ':hits', key) == 1 then redis.call('ZREM', slot .. ':gained:' .. namespace, key) end
  for _, label in ipairs(labels) do
    redis.call('ZREM', slot .. ':label:' .. namespace .. ':' .. label, key)
  end
  if redis.call('HINCRBY', sizes, 'n:' .. namespace, -1) == 0 then
    redis.call('HDEL', sizes, 'n:' .. namespace, 'b:' .. namespace)
  else
    redis.call('HINCRBY', sizes, 'b:' .. namespace, 0 - size)  -- a minus sign alone would make -0 of 0
  end
end
"""
)


class Script:
    """Lua that the server keeps once it has seen it."""

    def __init__(self, text: str, *, alone: bool = False) -> None:
        """`alone` when it touches no key but the one it is given."""
        self._text = text
        self._digest = sha1(text.encode(), usedforsecurity=False).hexdigest()
        self._alone = alone

    def called(self, key: str, arguments: tuple[Any, ...], *, in_full: bool = False) -> tuple[Any, ...]:
        """The command that calls it by its digest, or `in_full`, which a server needs once."""
        keys = (1, key) if self._alone else (2, key, f"{key}:whole")
        return ("EVAL", self._text, *keys, *arguments) if in_full else ("EVALSHA", self._digest, *keys, *arguments)


# ARGV per record: key, namespace, created, created (sortable), expires or '', milliseconds to keep or '', size,
# worth per byte, body, text, number of labels, labels. The body comes first: where memory is full, that fails, and
# nothing has changed yet.
PUT = Script(
    _FORGET
    + """
local at = 1
while at <= #ARGV do
  local key, namespace, created, sortable, expires, keep, size, density, body, text, labels =
    unpack(ARGV, at, at + 10)
  at = at + 11
  local function set(name, value)
    if keep == '' then redis.call('SET', name, value) else redis.call('SET', name, value, 'PX', keep) end
  end
  set(slot .. ':body:' .. key, body)
  forget(key)
  if text == '' then redis.call('UNLINK', slot .. ':text:' .. key) else set(slot .. ':text:' .. key, text) end
  local carried = {}
  for _ = 1, labels do
    carried[#carried + 1] = ARGV[at]
    redis.call('ZADD', slot .. ':label:' .. namespace .. ':' .. ARGV[at], created, key)
    at = at + 1
  end
  redis.call('HSET', about, key, cmsgpack.pack({namespace, sortable, size, carried}))
  if expires ~= '' then redis.call('ZADD', ends, expires, key) end
  redis.call('ZADD', slot .. ':age:' .. namespace, created, key)
  redis.call('ZADD', slot .. ':worth:' .. namespace, density, sortable .. key)
  redis.call('HINCRBY', sizes, 'n:' .. namespace, 1)
  redis.call('HINCRBY', sizes, 'b:' .. namespace, size)
end
"""
)

# ARGV: now, keys. Returns how many of them were there.
DELETE = Script(
    _FORGET
    + """
local now, deleted = tonumber(ARGV[1]), 0
for at = 2, #ARGV do
  local key = ARGV[at]
  local expires = redis.call('ZSCORE', ends, key)
  forget(key)
  redis.call('UNLINK', slot .. ':text:' .. key)
  if redis.call('UNLINK', slot .. ':body:' .. key) == 1 and (not expires or tonumber(expires) > now) then
    deleted = deleted + 1
  end
end
return deleted
"""
)

# ARGV: now, how many at most. Returns how many were swept.
SWEEP = Script(
    _FORGET
    + """
local ended = redis.call('ZRANGEBYSCORE', ends, '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, key in ipairs(ended) do
  redis.call('ZREM', ends, key)
  forget(key)
  redis.call('UNLINK', slot .. ':body:' .. key, slot .. ':text:' .. key)
end
return #ended
"""
)

# ARGV per vector: key, space, vector. Those of no record are passed over. The set comes first: a server that has none
# refuses that, and nothing has changed yet.
PLACE = Script(
    _UNPLACE
    + """
for at = 1, #ARGV, 3 do
  local key, space = ARGV[at], ARGV[at + 1]
  if redis.call('HEXISTS', slot .. ':about', key) == 1 then
    unplace(key)
    redis.call('VADD', slot .. ':near:' .. space, 'FP32', ARGV[at + 2], key, 'NOQUANT', 'EF', '64')
    redis.call('HSET', slot .. ':vectors', key, space)
  end
end
"""
)

# ARGV: keys.
UNPLACE = Script(_UNPLACE + "for _, key in ipairs(ARGV) do unplace(key) end")

# ARGV: now, keys. Forgets those that have ended, or that the server dropped.
FORGET_ENDED = Script(
    _FORGET
    + """
for at = 2, #ARGV do
  local key = ARGV[at]
  local expires = redis.call('ZSCORE', ends, key)
  if (expires and tonumber(expires) <= tonumber(ARGV[1])) or redis.call('EXISTS', slot .. ':body:' .. key) == 0 then
    forget(key)
    redis.call('UNLINK', slot .. ':body:' .. key, slot .. ':text:' .. key)
  end
end
"""
)

# ARGV: namespace, how many. Returns key, size, worth per byte, created (sortable) of each.
EVICTION_CANDIDATES = Script("""
local slot, found = KEYS[1], {}
local least = redis.call('ZRANGE', slot .. ':worth:' .. ARGV[1], 0, ARGV[2] - 1, 'WITHSCORES')
for at = 1, #least, 2 do
  local key = least[at]:sub(9)
  local _, created, size = unpack(cmsgpack.unpack(redis.call('HGET', slot .. ':about', key)))
  found[#found + 1] = {key, size, least[at + 1], created}
end
return found
""")

# ARGV per record: key, hits, worth.
ADD_GAINS = Script("""
local slot = KEYS[1]
for at = 1, #ARGV, 3 do
  local packed = redis.call('HGET', slot .. ':about', ARGV[at])
  if packed then
    local namespace, created, size = unpack(cmsgpack.unpack(packed))
    local density = tonumber(ARGV[at + 2]) / math.max(tonumber(size), 1)
    redis.call('ZINCRBY', slot .. ':worth:' .. namespace, density, created .. ARGV[at])
    redis.call('HINCRBY', slot .. ':hits', ARGV[at], ARGV[at + 1])
    redis.call('ZINCRBY', slot .. ':gained:' .. namespace, ARGV[at + 2], ARGV[at])
  end
end
""")

# ARGV: now, namespace, score and key to go on after or '' twice, how many to find, how much work to do for that,
# needle, 'newest', 'oldest' or 'gained' first, what to stay before unless newest first or '', 1 for what gained nothing
# alone, number of labels to carry all of, any of, none of, then these. Returns what was found as (key, score) in order,
# and the (score, key) up to which was looked, empty at the end.
FIND = Script("""
local slot, now, namespace = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local after_score, after_key = ARGV[3], ARGV[4]
local limit, work, needle = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local oldest, gained, before, unserved = ARGV[8] == 'oldest', ARGV[8] == 'gained', ARGV[9], ARGV[10] == '1'
local at = 14
local function labels(count)
  local names = {}
  for _ = 1, count do
    names[#names + 1] = slot .. ':label:' .. namespace .. ':' .. ARGV[at]
    at = at + 1
  end
  return names
end
local all, any, none = labels(ARGV[11]), labels(ARGV[12]), labels(ARGV[13])

local source, smallest = slot .. ':age:' .. namespace, nil
for _, name in ipairs(all) do
  local size = redis.call('ZCARD', name)
  if not smallest or size < smallest then source, smallest = name, size end
end
local by_gain = slot .. ':gained:' .. namespace
local few = gained and smallest and smallest <= 5000  -- then all of them are sorted by what they gained
if gained and not few then source = by_gain end

local function precedes(a, b)  -- by bytes, as sorted sets do; Lua's own < heeds the locale
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function rank()  -- how many are older than the place to go on after; when oldest first, its own record included
  local low = redis.call('ZCOUNT', source, '-inf', '(' .. after_score)
  local high = after_key == '' and low or redis.call('ZCOUNT', source, '-inf', after_score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local key = redis.call('ZRANGE', source, middle, middle)[1]
    if precedes(key, after_key) or (oldest and key == after_key) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function carries(name, key) return name == source or redis.call('ZSCORE', name, key) end

local function matches(key)
  for _, name in ipairs(all) do
    if not carries(name, key) then return false end
  end
  for _, name in ipairs(none) do
    if carries(name, key) then return false end
  end
  local some = #any == 0
  for _, name in ipairs(any) do
    some = some or carries(name, key)
  end
  if not some then return false end
  if unserved and redis.call('HEXISTS', slot .. ':hits', key) == 1 then return false end
  if gained and before ~= '' then
    local created = redis.call('ZSCORE', slot .. ':age:' .. namespace, key)
    if not created or tonumber(created) >= tonumber(before) then return false end
  end
  local expires = redis.call('ZSCORE', slot .. ':ends', key)
  if expires and tonumber(expires) <= now then return false end
  if needle ~= '' then
    local text = redis.call('GET', slot .. ':text:' .. key) or ''
    work = work - #text / 4096
    if not text:find(needle, 1, true) then return false end
  end
  return redis.call('EXISTS', slot .. ':body:' .. key) == 1
end

local from, to = 0, redis.call('ZCARD', source)
if oldest and before ~= '' then to = redis.call('ZCOUNT', source, '-inf', '(' .. before) end
if after_score ~= '' then
  if oldest then from = rank() else to = rank() end
end

local found, key, score = {}, '', ''
if few then
  local some = redis.call('ZINTER', 2, source, by_gain, 'WEIGHTS', 0, 1, 'WITHSCORES')
  local before_score = tonumber(after_score)
  for n = #some - 1, 1, -2 do
    key, score = some[n], some[n + 1]
    local here = tonumber(score)
    if not before_score or here < before_score or (here == before_score and precedes(key, after_key)) then
      work = work - 1
      if matches(key) then found[#found + 1] = {key, score} end
      if n > 1 and (work <= 0 or #found == limit) then return {found, score, key} end
    end
  end
  return {found, '', ''}
end
while from < to and work > 0 and #found < limit do
  local first, last = math.max(to - 100, from), to - 1
  if oldest then first, last = from, math.min(from + 100, to) - 1 end
  local some = redis.call('ZRANGE', source, first, last, 'WITHSCORES')
  for n = 1, #some, 2 do
    local i = oldest and n or #some - n
    key, score = some[i], some[i + 1]
    if oldest then from = from + 1 else to = to - 1 end
    work = work - 1
    if matches(key) then found[#found + 1] = {key, score} end
    if work <= 0 or #found == limit then break end
  end
end
if from >= to then key, score = '', '' end
return {found, score, key}
""")

# ARGV: names. Returns the new generation.
BUMP = Script(
    """
local generation = redis.call('HINCRBY', KEYS[1], '', 1)
for _, name in ipairs(ARGV) do
  redis.call('HSET', KEYS[1], name, generation)
end
return generation
""",
    alone=True,
)

# ARGV: how many fields are too many. Returns whether they are not, and fields and numbers in turn: all, or none but the
# generation's.
VERSIONS = Script(
    """
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[1]) then return {0, {'', redis.call('HGET', KEYS[1], '')}} end
return {1, redis.call('HGETALL', KEYS[1])}
""",
    alone=True,
)

# ARGV: token, milliseconds. Returns the milliseconds its holder has left, 0 when it was taken.
ACQUIRE = Script(
    """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 0
end
return math.max(redis.call('PTTL', KEYS[1]), 1)
""",
    alone=True,
)

# ARGV: token. Returns 1 when it held the lease.
RELEASE = Script(
    """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""",
    alone=True,
)

# ARGV per row: bucket, number of counters, then field, value of each.
INCREMENT = Script("""
local at = 1
while at <= #ARGV do
  local bucket, counters = ARGV[at], ARGV[at + 1]
  at = at + 2
  for _ = 1, counters do
    redis.call('HINCRBYFLOAT', KEYS[1] .. ':sums:' .. bucket, ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  redis.call('ZADD', KEYS[1] .. ':buckets', 0, bucket)
end
""")

# The same; returns the sums in the order of the arguments.
INCREMENT_AND_GET = Script("""
local at, sums = 1, {}
while at <= #ARGV do
  local bucket, counters = ARGV[at], ARGV[at + 1]
  at = at + 2
  for _ = 1, counters do
    sums[#sums + 1] = redis.call('HINCRBYFLOAT', KEYS[1] .. ':sums:' .. bucket, ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  redis.call('ZADD', KEYS[1] .. ':buckets', 0, bucket)
end
return sums
""")

# ARGV: first bucket, the one after the last. Returns the buckets in order.
BUCKETS = Script("return redis.call('ZRANGEBYLEX', KEYS[1] .. ':buckets', '[' .. ARGV[1], '(' .. ARGV[2])")

# ARGV: bucket. Returns fields and values in turn.
COUNTERS = Script("return redis.call('HGETALL', KEYS[1] .. ':sums:' .. ARGV[1])")

# ARGV per sum: bucket, field, the bucket it goes to or '', its field there.
MOVE_COUNTERS = Script("""
for at = 1, #ARGV, 4 do
  local here, there = KEYS[1] .. ':sums:' .. ARGV[at], ARGV[at + 2]
  local value = redis.call('HGET', here, ARGV[at + 1])
  if value then
    if there ~= '' then  -- first, as it fails where memory is full
      redis.call('HINCRBYFLOAT', KEYS[1] .. ':sums:' .. there, ARGV[at + 3], value)
      redis.call('ZADD', KEYS[1] .. ':buckets', 0, there)
    end
    redis.call('HDEL', here, ARGV[at + 1])
    if redis.call('EXISTS', here) == 0 then redis.call('ZREM', KEYS[1] .. ':buckets', ARGV[at]) end
  end
end
""")
