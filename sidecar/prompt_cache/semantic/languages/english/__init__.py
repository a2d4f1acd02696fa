"""English."""

from ..base import Language
from . import desk, frames
from .inflection import past, stem
from .particles import together
from .phrases import PHRASES
from .spellings import CONTRACTIONS, SPELLINGS
from .synonyms import ACTIONS, ADVERBS, ANTONYMS, SYNONYMS

_DROPPABLE = """
a an the
is are am be being
do does
this that these those
it its there
"""

_OPERATORS = {
    "negation": """
not
no
never
without w/o
nor neither
none
nothing
nobody
nowhere
no-longer
not-yet
hardly barely scarcely
except excluding
unless
""",
    "quantity": """
all every each
entire whole
everything
everyone everybody
any
anything
anyone anybody
some several
many much lots
few
both
only just solely merely exclusively
most
half
other another else
same
also too
either
enough
almost nearly
at-least
at-most
minimum min
maximum max
more-than
less-than
twice double
once
always
sometimes
often frequently
usually normally generally typically
rarely seldom
""",
    "modality": """
can could
must
should
may might
would
""",
    "time": """
<past> was were did had been
<perfect> has have
<future> will shall
before
after
until till
since
during while
already
yet
still
again
now currently
later
soon
ago
next
last previous
when whenever
""",
    "place": """
in
on
at
to into
from
by
for
with
onto
out
out-of
up
down
over above
under below
off
between
among
about regarding concerning
through
against
beside
behind
in-front
inside within
outside
across
along
around
near
per
via using
away
back
towards toward
upon
as
like
beyond
""",
    "comparison": """
more
less fewer
than
most
least
better
best
worse
worst
versus vs
instead
""",
    "person": """
you your yours
yourself myself ourselves himself herself itself themselves oneself
he him his
she her hers
they them their theirs
someone somebody
one's
""",
    "link": """
and but plus
or
if whether
because
so
then
although though
""",
    "date": """
today
tomorrow
yesterday
tonight
weekend weekends
""",
}
ENGLISH = Language(
    code="en",
    stem=stem,
    past=past,
    arrange=together,
    contractions=CONTRACTIONS,
    spellings=SPELLINGS,
    fillers="please kindly actually basically really quite maybe perhaps anyway",
    phrases=PHRASES + frames.FRAMES + desk.FRAMES,
    droppable=_DROPPABLE,
    first_person="i me my mine we us our ours",
    to_me="me us",
    spelled="spell spelling plural singular pronounce conjugate rhyme syllable vowel tense anagram palindrome regex letters-in synonym antonym translate translation",
    own="my our your",
    price="cost price",
    adverbs=ADVERBS,
    implied="""
<what> mean
<where> located situated found happen
<when> happen
<how-long> for last
""",
    alike="""
if when
yet still
in using
<at> at
<at> in
<at> on
with using
by using
""",
    alike_named="in with",
    infinitive="to",
    compounding="in for about on",
    most="best worst -est",
    beside_no="yet",
    condition="if",
    pasted="this following these / text sentence paragraph email message article review passage code snippet note letter comment document abstract",
    operators=_OPERATORS,
    synonyms=SYNONYMS + frames.SYNONYMS + desk.SYNONYMS,
    antonyms=ANTONYMS,
    actions=ACTIONS + frames.ACTIONS,
    having=frames.HAVING,
    owners="of",
    owned=(
        "price cost fee deadline recipe reason password pin code key login address name number phone setting limit size policy rule"
        " requirement format formula method definition synonym example template schedule date instruction manual documentation"
        " procedure process status invoice receipt warranty access budget form ticket guide tutorial fees permit license visa certificate"
        " rate period requirement discount tax insurance menu charger driver map cable adapter course exam script query regex command function"
    ),
    loose_owners="for",
    attached="on / period rate fee charge interest warranty guarantee discount tax price limit deposit address name number date",
    gerund="-ing",
    dated="""
due-date = due
expiry-date = expire
expiration-date = expire
start-date = begin
end-date = end
""",
    deeds="change reset cancellation removal deletion update upgrade renewal registration replacement installation activation deactivation verification withdrawal",
    permission="can bring / allowed permitted",
    included="in with / include contain cover",
    available="exist available provided offered",
    possible="possible",
    services="ship deliver match wrap repair cater tutor consult recycle engrave customize install assemble",
    judged="safe dangerous risky bad good healthy unhealthy harmful expensive hard difficult easy legal illegal normal worth useful",
    residing="<at>",
    distance="distance between and from to",
    lasting="take must time",
    replacing="replace with by / use instead",
    measures="in / word sentence paragraph page line bullet",
    measuring="as with of using",
    summary="summary",
    conversion="convert to in",
    explaining="to for",
    ideas="need want / ideas tips suggestions inspiration feedback",
    giving="give suggest list name recommend generate propose provide",
    advised="should",
    obliged="must",
    each="""
day = daily
week = weekly
month = monthly
year = yearly
""",
    responsible="responsible",
    afterwards="after",
    written=frames.WRITTEN,
    passive_by="by",
    both_ways="between compare comparison difference",
    ands="and or versus",
    against="with to",
    differing="different differ",
    difference="difference between and",
    clauses="without despite if when in for after before with on at",
    number_words=(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion"
    ),
    ordinals="""
first 1st
second 2nd
third 3rd
fourth 4th
fifth 5th
sixth 6th
seventh 7th
eighth 8th
ninth 9th
tenth 10th
""",
    units="""
second seconds sec secs s
minute minutes min mins
hour hours hr hrs h
day days
week weeks
month months
year years yr yrs
percent % pct
dollar dollars usd $
euro euros eur €
pound pounds gbp £
kilometer kilometers kilometre kilometres km kms
meter meters metre metres m
centimeter centimeters cm
millimeter mm
mile miles mi
inch inches
foot feet ft
kilogram kilograms kg kilo kilos
gram grams g
liter liters l
milliliter ml
celsius °c
fahrenheit °f
kb kilobyte kilobytes
mb megabyte megabytes
gb gigabyte gigabytes
tb terabyte terabytes
kilobit kilobits Kb Kbit kbit
megabit megabits Mb Mbit mbit
gigabit gigabits Gb Gbit gbit
""",
    months="""
january jan
february feb
march mar
april apr
may
june jun
july jul
august aug
september sep sept
october oct
november nov
december dec
""",
    weekdays="""
monday mon mondays
tuesday tue tues tuesdays
wednesday wed wednesdays
thursday thu thur thurs thursdays
friday fri fridays
saturday sat saturdays
sunday sun sundays
""",
    form=(
        "table list bullet bulleted numbered json xml yaml csv html markdown latex code paragraph sentence word character line page"
        " short shorter brief briefly long longer detailed detail concise concisely stepwise formal informal casual friendly polite"
        " professional funny humorous tone style poem rhyme haiku headline title tweet email essay outline example simple beginner"
        " layman expert child kid english french german spanish italian portuguese dutch chinese japanese korean russian arabic"
        " hindi turkish polish"
    ),
    protected="marketing accounting",
)
