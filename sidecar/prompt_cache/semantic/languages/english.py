"""English."""

from functools import lru_cache

from wordfreq import get_frequency_dict

from .base import Language, lines

_CONTRACTIONS = """
don't = do not
doesn't = does not
didn't = did not
isn't = is not
aren't = are not
wasn't = was not
weren't = were not
won't = will not
wouldn't = would not
can't = can not
cannot = can not
couldn't = could not
shouldn't = should not
mustn't = must not
mightn't = might not
needn't = need not
haven't = have not
hasn't = has not
hadn't = had not
ain't = is not
dont = do not
doesnt = does not
didnt = did not
isnt = is not
arent = are not
wasnt = was not
cant = can not
couldnt = could not
wont = will not
wouldnt = would not
shouldnt = should not
havent = have not
hasnt = has not
what's = what is
whats = what is
what're = what are
where's = where is
wheres = where is
who's = who is
whos = who is
when's = when is
how's = how is
hows = how is
why's = why is
how'd = how did
that's = that is
thats = that is
there's = there is
theres = there is
here's = here is
it's = it is
he's = he is
she's = she is
let's = let us
i'm = i am
im = i am
i've = i have
ive = i have
i'd = i would
i'll = i will
you're = you are
youre = you are
you've = you have
you'd = you would
you'll = you will
we're = we are
we've = we have
we'd = we would
we'll = we will
they're = they are
they've = they have
they'd = they would
they'll = they will
it'll = it will
gonna = going to
wanna = want to
gotta = have to
lemme = let me
gimme = give me
u = you
ur = your
pls = please
plz = please
thx = thanks
tho = though
asap = as soon as possible
"""

_SPELLINGS = """
color colour
colors colours
favorite favourite
behavior behaviour
center centre
meter metre
liter litre
license licence
program programme
catalog catalogue
dialog dialogue
check cheque
gray grey
tire tyre
analyze analyse
organize organise
organization organisation
summarize summarise
categorize categorise
prioritize prioritise
optimize optimise
customize customise
personalize personalise
recognize recognise
synchronize synchronise sync
initialize initialise
capitalize capitalise
visualize visualise
minimize minimise
maximize maximise
authorize authorise
authorization authorisation
finalize finalise
apologize apologise
realize realise
specialize specialise
utilize utilise
localize localise
normalize normalise
serialize serialise
serialization serialisation
canceled cancelled
canceling cancelling
traveling travelling
labeled labelled
modeling modelling
enroll enrol
fulfill fulfil
jewelry jewellery
mom mum
defense defence
offense offence
practice practise
the teh hte
with wiht
what waht
password pasword passwort passowrd
address adress addres
receive recieve
separate seperate
email e-mail mail emails e-mails mails
website web-site
online on-line
wifi wi-fi
okay ok
"""

_PHRASES = """
^(hi|hello|hey|dear|good morning|good afternoon|good evening|greetings) (there|team|all|everyone|everybody|folks|guys|sir|madam|support|support team|) =
^(quick|short|small|simple|just a|just a quick|one|one quick|another) question =
^(sorry|excuse me|sorry to bother you|sorry to bother you but|excuse me but) =
^(so|well|ok|okay|now|also|and|alright|right) =
(please|kindly) =
(thanks|thank you|many thanks|thank you very much|thanks a lot|thanks so much|thank you so much|thanks in advance|thank you in advance|thx|cheers) (for your help|for the help|) $ =
^(thanks|thank you|many thanks|thank you very much|thanks a lot|thanks so much|thanks in advance|thank you in advance) (for your help|for the help|) =
(if possible|if you do not mind|if you can|if you could|if that is okay|if you would) $ =
(by the way|to be honest|as well as possible|in your opinion|at the moment|right now) =
^i (just|) (wonder|was wondering|am wondering|would like to know|want to know|need to know|wanted to know|want to find out|would like to find out|need to find out) =
^(just|) wondering =
^(do you know|do you happen to know|any idea|any ideas|have you any idea|do you have any idea) =
^(can|could|would|will) you (please|kindly|possibly|maybe|quickly|) (please|) (tell me|let me know|explain to me|show me|advise me on|advise|help me understand|help me figure out|clarify for me|clarify|inform me) =
^(can|could|would|will) (someone|anyone|somebody|anybody) (please|) (tell me|let me know|explain to me|show me|help me understand|explain) =
^(please|kindly|) (tell me|let me know|explain to me|show me) =
^(can|could|would|will) you (please|kindly|possibly|maybe|) (help me|help me to|help us|help us to|assist me to|help) =
^(can|could|would|will) you (please|kindly|possibly|maybe|) =
^would you mind =
^i (would|) (want|like|need) you to =
^i would (appreciate|be grateful) (it|) if you (could|would|can) =
^it would be (great|nice|good|helpful|lovely) if you (could|would|can) =
^(is it possible|would it be possible) for you to =
^i have a question about = <about>
^(i would like to ask|i want to ask|may i ask|can i ask|could i ask|let me ask) =

how (do|can|could|should|would|might|shall|must) (i|we|you|one|someone|somebody|a person|people) (best|) (go about|be able to|manage to|get to|) = <how>
how (am i|are we|are you) (supposed|able|meant) to = <how>
how (to|does one|i can|i could|i should|i do|we can|we could|we should|you can|you could|one can|one could) = <how>
how (i|we|you|one) (can|could|should|would|might) (go about|) = <how>
how (do|can|should|would) (i|we|you|one) go about = <how>
how is it possible to = <how>
how would (i|we|you|one) go about = <how>
what (is|are|would be) (the|a|) (best|easiest|right|correct|proper|simplest|usual|) (way|ways|method|approach|procedure|process|steps|step|) (to|of|for) = <how>
what (is|are|would be) the (way|ways|method|procedure|process|steps) (to|of|for) = <how>
(is there|is there any|are there|do you know) (a|any|some|) (way|ways|method|option|possibility) (for me|for us|) (to|of) = <how>
(i am|) looking for a way to = <how>
(in|) (what|which) way (can|could|do|should) (i|we|you|one) = <how>
what (do|must|should|can|would) (i|we|you) (need to do|have to do|do|need|have) (to|in order to|if i want to|if i would like to|when i want to|if i need to) = <how>
what (steps|actions) (do|must|should|can|would) (i|we|you) (need to|have to|) (take|follow|perform|do) (to|in order to) = <how>
what (steps|actions) (are|) (needed|required|necessary|involved) (to|in order to|in|for) = <how>
(which|what) steps (to|) (take|follow) to = <how>
^(tell me|explain|explain to me|show me|describe|teach me) how (to|i can|i could|you can|one can|one could|we can) = <how>
^(give me|provide|i need|send me) (the|) (steps|instructions) (to|for|on how to|for how to) = <how>
(steps|instructions) (to|for) = <how>
^(i|we) (really|just|also|) (want|wanted|need|needed|wish|am trying|would like|would love|am looking|have|try) to = <how>
^i (am|) (just|) trying to = <how>
^(i|we) (need|want|would like|could use|require) (some|a bit of|a little|) (help|assistance|support|guidance) (with|in|on|to|for|) = <how>
^(help|assist|guide) (me|us) (with|in|on|to|through|) = <how>
^(how about|what about) = <about>
^(tell me|i want to know|i would like to know|can you tell me) (more|something|a bit|) about = <about>

what (does|do) = <what>
what (is|are) (the|) meaning of = <what> mean
what is meant by = <what> mean
what (is|are|was|were) = <what>
^define = <what> mean
^(what|which) (time|hour) (do|does|is|are) = <when>
(at|) (what|which) time = <when>
^(on|) (what|which) (day|date) = <when>
what (kind|kinds|sort|sorts|type|types) of = what type
(which|what) (one|ones) (is|are) = <which>
for (what|which) reason = <why>
(why|how come) = <why>
what is the reason (for|why|that) = <why>
what (makes|causes) = <why>
how (much|many) (time|days|hours|minutes|weeks) (does|do|will|would) (it take|it take to) = <how-long> take
how long (does|do|will|would) (it|) take (to|for|until|) = <how-long> take
how long = <how-long>
how (much|many) = <how-many>
how often = <how-often>
how (many times) = <how-often>
how far = <how-far>
how old = <how-old>
where (can|could|do|should|would) (i|we|you|one) (find|see|look for|look up|locate) = <where>
where (to|i can|i could|can i|do i) find = <where>
in (which|what) (place|location) = <where>
^where (is|are) = <where>
^(is|are|am) (it|) (possible|feasible) (for me|for us|) to = <can>
^(is|are) (i|we|you|one) able to = <can>
(is it|am i|are we|are you|is one) (allowed|permitted|ok|okay) to = <may>
^may (i|we|one) = <may>
^(can|could) (i|we|one|you) = <can>
^(do|must|should) (i|we|you) (need to|have to) = <must>
^must (i|we|you|one) = <must>
^(is it|am i|are we) (necessary|required|mandatory|obligatory|needed) to = <must>
^(does|do|is|are) = <whether>
^did = <whether> did
^(was|were) = <whether> was
^(has|have) = <whether> has
^(will|would) = <whether> will
^should = <whether> should
^can = <whether> can
^could = <whether> could
^(if|whether) = <whether>

(because|due to|owing to|on account of) of = because
(due|owing) to = because
in order to = to
so that = to
such as = like
instead of = instead
out of = out-of
in front of = before-place
in case of = if
in case = if
as soon as = when
as long as = if
provided that = if
at least = at-least
at most = at-most
(no more|not more) than = at-most
(no less|not less|no fewer|not fewer) than = at-least
(more|greater|bigger|larger) than = more-than
(less|fewer|smaller) than = less-than
up to = at-most
next to = beside
according to = by
(each|every) one of = every
(all|both|some|many|most|any|none|one|each|several) of (the|) = $1
as well as = and
a few = some
a little = some
(a lot|lots|plenty) of = many
a couple of = some
(sign|log|logging|signing) (in|into|on) (to|) = login
(sign|signing) up = register
(log|sign|logging|signing) (out|off) (of|from|) = logout
(set|setting) up = setup
(get|getting) rid of = delete
(make|making) a (decision|choice) = decide
(take|have|having|taking) a look at = look
(make|making|do|doing) a (backup) of = backup
(make|making) a change to = change
(make|making) (changes|a change|modifications) to = change
(make|making) a (payment) (for|on|) = pay
(place|placing) an order for = order
(get|getting) in touch with = contact
(reach|reaching) out to = contact
(find|finding) out = discover
(figure|figuring) out = discover
(carry|carrying) out = perform
(take|taking) part in = attend
(turn|turning|switch|switching) on = enable
(turn|turning|switch|switching) off = disable
(get|getting|receive|receiving) a refund (for|of|on|) = refund
(pick|picking) up = collect
(hand|handing) in = submit
(fill|filling) (in|out) = complete
(look|looking) for = search
(search|searching) for = search
going to = will
used to = <past>
be able to = can
have to = must
has to = must
need to = must
needs to = must
ought to = should
had better = should
(a|) (step by step|step-by-step) = stepwise
"""

_DROPPABLE = """
a an the
is are am be been being
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
hardly barely scarcely
except excluding but
unless
""",
    "quantity": """
all every each everything everyone everybody entire whole
any anything anyone anybody
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
at-least minimum
at-most maximum
more-than
less-than
twice double
once
always
sometimes
often usually
rarely seldom
""",
    "modality": """
can could
must
should
may might
would
need
want
""",
    "time": """
<past> was were did had
has have
will shall
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
when
""",
    "place": """
in
on
at
to
from
by
for
with
into onto
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
before-place
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
you your yours yourself
he him his himself
she her hers herself
they them their theirs themselves
someone somebody
one's
""",
    "link": """
and &
or
if whether
because
so
then
to-do
although though
""",
    "date": """
today
tomorrow
yesterday
tonight
weekend
""",
}

_IRREGULAR = """
be was were been
have had
do did done
go went gone
get got gotten
make made
take took taken
give gave given
see saw seen
find found
know knew known
think thought
tell told
say said
write wrote written
read
send sent
buy bought
sell sold
pay paid
lose lost
win won
begin began begun
break broke broken
bring brought
build built
choose chose chosen
come came
forget forgot forgotten
hold held
keep kept
leave left
lend lent
let
mean meant
meet met
put
run ran
set
shut
speak spoke spoken
spend spent
steal stole stolen
teach taught
understand understood
wear wore worn
draw drew drawn
drive drove driven
eat ate eaten
fall fell fallen
feel felt
grow grew grown
hear heard
hide hid hidden
learn learnt
sleep slept
stand stood
throw threw thrown
catch caught
become became
drink drank drunk
fly flew flown
show shown
rise rose risen
"""
_PLURALS = """
child children
man men
woman women
person people persons
foot feet
tooth teeth
mouse mice
criterion criteria
datum data
index indices indexes
analysis analyses
leaf leaves
half halves
life lives
knife knives
wife wives
shelf shelves
"""
_PAST = {form: first for first, *others in lines(_IRREGULAR) for form in others}
_ODD = {form: first for first, *others in lines(_PLURALS) for form in others} | _PAST
_WHOLE = frozenset(
    "evening morning marketing nothing something anything everything wedding ceiling during news always perhaps business address"
    " process access need speed feed seed indeed hundred species series this its was has does plus bus gas status virus basis"
    " analysis canvas bonus campus census focus lens thus less unless across us is as yes red bed led shed sacred kindred".split()
)


@lru_cache(4096)
def stem(word: str) -> str:
    """The word without its inflection. Derivation stays, so that an employer is no employee, and an organ no organization."""
    if word in _ODD:
        return _ODD[word]
    if len(word) < 4 or word in _WHOLE or not word.isascii():
        return word
    if word.endswith("ing"):
        return _bare(word, word[:-3])
    if word.endswith("ied"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith("ed") and not word.endswith("eed"):
        return _bare(word, word[:-2])
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _bare(word: str, base: str) -> str:
    """Of the words that may have had this ending the one that people use."""
    if not any(vowel in base for vowel in "aeiouy") or len(base) < 2:
        return word
    known = get_frequency_dict("en", "small")
    candidates = [base, base + "e"]
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls":
        candidates = [base[:-1]]
    elif len(base) > 3 and base[-1] == base[-2]:
        candidates.append(base[:-1])
    best = max(candidates, key=lambda candidate: known.get(candidate, 0.0))
    return best if known.get(best, 0.0) * 100 > known.get(word, 0.0) else word


def past(word: str) -> bool:
    return (word in _PAST) or (word.endswith("ed") and stem(word) != word)


ENGLISH = Language(
    code="en",
    stem=stem,
    past=past,
    contractions=_CONTRACTIONS,
    spellings=_SPELLINGS,
    fillers="please kindly actually basically simply really quite maybe perhaps anyway",
    phrases=_PHRASES,
    droppable=_DROPPABLE,
    first_person="i me my mine myself we us our ours ourselves",
    operators=_OPERATORS,
    synonyms="""
delete remove erase
buy purchase
begin start
fix repair
picture image photo
""",
    antonyms="""
enable activate / disable deactivate
""",
    actions="""
delete cancel reset change update install uninstall create translate summarize write send download upload buy
""",
    owners="of",
    owned="price cost deadline recipe reason",
    loose_owners="for",
    passive_by="by",
    both_ways="between compare comparison difference",
    ands="and or versus",
    clauses="if when in for after before with on at",
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
monday mon
tuesday tue tues
wednesday wed
thursday thu thur thurs
friday fri
saturday sat
sunday sun
""",
    form="table list bullet json xml csv html markdown paragraph sentence word line page short brief detailed formal informal tone",
    protected="marketing accounting",
)
