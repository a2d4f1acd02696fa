"""English."""

import re
from functools import lru_cache

from wordfreq import get_frequency_dict

from .base import Language, lines
from .english_frames import ACTIONS, FRAMES, HAVING, SYNONYMS

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
javascript js
typescript ts
postgresql postgres
integer int
boolean bool
character char
regex regexp
"""

_I = "(i|we|you|one|someone|somebody)"

_PHRASES = f"""
^(hi|hello|hey|dear|greetings|good morning|good afternoon|good evening|good day) (there|again|team|all|everyone|everybody|folks|guys|sir|madam|support|support team|) =
^(a|one|just a|just one|i have a|i have got a|i got a|i just have a|here is a|my) (quick|short|small|simple|little|brief|) question (for you|) =
^(quick|short|small|simple|another) question =
^(my|the) question is =
^(i have|i have got|i got|just) (a|one) (quick|short|small|simple|little|brief|) question (about|regarding|concerning|on) = <ask>
^(sorry|excuse me|pardon|sorry to bother you|sorry for bothering you|sorry to disturb you|apologies) (but|) =
^(i hope|hope|hoping) you are (well|doing well|fine) =
^(i hope|hope) this (finds|email finds|message finds) you well =
^(so|okay|also|and|alright|um|uh|hmm|yo|guys) =
hello world = hello-world
correct (the|my|this|any|) (grammar|spelling|punctuation) (mistakes|errors|) = fix $2
(say|says|saying|write|writes|spell|with|or|use|mean|means|add) (thanks|thank you|many thanks|cheers|regards|kind regards|best regards|hello|hi) = $1 $2
^(help|help me|i need help|i need some help|need help|i am stuck|urgent) $ =
(thanks|thank you|many thanks|cheers|regards|kind regards|best regards) $ =
(thank you very much|thanks a lot|thanks a million|thanks so much|thank you so much|thanks in advance|thank you in advance|thank you for your help|thanks for your help|thanks for the help|thanks for helping|many thanks in advance) $ =
^(thanks|thank you|many thanks) (very much|a lot|so much|in advance|for your help|for the help|) $ =
(if possible|if you do not mind|if you can|if you could|if that is okay|if you would|for me) $ =
^(if possible|if you can|if you do not mind) =
^(i|we) (just|also|really|only|) (wonder|wondered|was wondering|were wondering|am wondering|am just wondering|was just wondering|would like to know|would love to know|want to know|need to know|wanted to know|wish to know|want to find out|would like to find out|need to find out|want to ask|would like to ask|wanted to ask|want to understand|would like to understand|want to learn|would like to learn|need to understand|am trying to understand|am trying to find out|am trying to figure out|am curious|am not sure|am unsure|do not know|do not understand) = <ask>
^(just|) (wondering|curious) = <ask>
^(do|does|would|might) (you|anyone|anybody|someone) (perhaps|happen to|) know = <ask>
^(any|you have any|have you any|do you have any|got any) (idea|ideas|clue) = <ask>
^(may|can|could|might|let) (i|we|me) (just|) ask (you|) = <ask>
^(can|could|would|will) (you|someone|anyone|somebody|anybody) (possibly|maybe|perhaps|) (tell|show|remind|inform|explain to|advise|enlighten|teach) (me|us) = <ask>
^(can|could|would|will) (you|someone|anyone|somebody|anybody) (possibly|maybe|perhaps|) (let me know|help me understand|help me figure out|help me find out|clarify|clarify for me|help me to understand) = <ask>
^(tell me|show me|remind me|let me know|clarify|teach me|i need you to tell me|i want you to tell me) = <ask>
^(can|could|would|will) you (possibly|maybe|perhaps|) (help me|help me to|help us|help us to|assist me|help) (in|with|) =
^(can|could|would|will) you (possibly|maybe|perhaps|) (explain|describe) (to me|) (how) = <how>
^(can|could|would|will) you (possibly|maybe|perhaps|) =
^(can|could|would) you (give|send|provide|write|show|get|find|make|draft|create|prepare) (me|us) = $2
^(give|send|write|show|get|find|make|draft|create|prepare) (me|us) = $1
^(provide|supply) (me with|us with|) = give
^would you (be so kind|be kind enough|be able|mind) (as|) (to|) = <ask>
^(can|could) you be so kind (as|) (to|) = <ask>
^(i|we) (would|) (want|like|need) you to =
^i would (appreciate|be grateful|be glad|be happy) (it|) if you (could|would|can) =
^it would be (great|nice|good|helpful|lovely|awesome) if you (could|would|can) =
^(i|we) (was|were|am|are|) (just|) (wondering|hoping|wonder) if you (could|can|would) (help me|help me to|help us|) =
^(is it|would it be) possible for you to =
^^(if|whether) = <whether>
^^(if|whether) (i|we|one|you) (can|could) = <can>
^^(if|whether) it is (possible|feasible) (for me|for us|) to = <possible>
^^(if|whether) it is (okay|allowed|permitted) (for me|for us|) to = <may>
^^(if|whether) (i am|we are|one is) (allowed|permitted) to = <may>
^^(if|whether) (i|we|one|you) (need|have) to = <must>
^^(if|whether) there is (a|any|some) (way|possibility|option) (for me|for us|) to = <how>
^^(if|whether) you (could|can|would) (tell me|explain to me|show me|let me know|explain|help me|help me with|help me to) = <ask>
^^(the|a) (best|easiest|right|correct|proper|simplest|) (way|method|procedure|process|steps) (to|for|of) = <how>
^^what (i|we) (need to do|have to do|should do|must do|can do) (to|in order to) = <how>

how (do|can|could|should|would|might|shall|must|may) {_I} (go about|be able to|manage to|get to|) = <how>
how (do|must|should) {_I} (need to|have to) = <how>
how (am i|are we|are you|is one) (supposed|able|meant) to = <how>
how (to|does one|go about) = <how>
how (i|we|you|one) (can|could|do|should|may|might|would|am able to|are able to|must|need to|have to) (go about|) = <how>
how (is it possible|would it be possible|would i go about|would you go about) (to|) = <how>
how (best|) to = <how>
how (do|does|can|could) = <how>
how (will|would) = <how> will
how should = <how> should
how (is|are) = <how> <be>
how did = <how> did
how (was|were) = <how> did <be>
how come = <why>
how = <how>
what (is|are|would be) (the|a|my|your|) (best|easiest|right|correct|proper|simplest|usual|fastest|quickest|) (way|ways|method|methods|approach|procedure|process|technique) (to|of|for) = <how>
what (is|are|would be) (the|) (steps|step|instructions|necessary steps|required steps) (to|for|of|in) = <how>
what (is|are) (the|) steps (needed|required|necessary|involved) (to|for|in) = <how>
(is there|is there any|are there|are there any|do you have) (a|an|any|some|) (easy|simple|quick|good|) (way|ways|method|option|possibility|trick) (for me|for us|for you|) (to|of) = <how>
(i am|i am just|) (looking for|searching for|need|i need|i want) a (way|method) (to|of|for) = <how>
(in|) (what|which) way (can|could|do|should) {_I} = <how>
by (what|which) means (can|could|do|should) {_I} = <how>
what (do|must|should|can|would|could) {_I} (need to do|have to do|do|need|have) (to|in order to) = <how>
what (do|must|should|can|would|could) {_I} (need to do|have to do|do) if (i|we|you) (want|wanted|would like|wish|need) to = <how>
what (must|should|has to|needs to|can) (i do|be done) (to|in order to) = <how>
what (steps|actions) (do|must|should|can|would) {_I} (need to|have to|) (take|follow|perform|do|complete) (to|in order to) = <how>
what (steps|actions) (are|) (needed|required|necessary|involved) (to|in order to|in|for) = <how>
(which|what) (steps|step) (to|must i|do i|should i) (take|follow) (to|in order to) = <how>
what does it take to = <how>
^(explain|describe|outline) (to me|) how (to|i can|i could|you can|you could|one can|one could|we can|i|you|we) = <how>
^(explain|describe|outline) (to me|) how = <how>
^(explain|tell me) (to me|) why = <why>
^(explain|describe) (to me|) what = <what>
^(walk|guide|take) me through (the|) (steps|process|procedure|) (to|of|for) = <how>
^(give|send|show|provide) (me|) (the|some|) (steps|instructions|directions) (to|for|on how to|for how to) = <how>
^(steps|instructions|guide|directions|procedure) (to|for) = <how>
^(i|we) (really|just|also|urgently|) (want|wanted|need|needed|wish|am trying|are trying|try|would like|would love|am looking|intend|plan|am planning) to = <wish>
^^(what|which) time (the|) = <when>
^explain (the concept of|) = <about>
^(calculate|compute) = <what>
how (do|would|can|could) {_I} say = translate
(regular expression|regular expressions) = regex
^(i|we) have to = <how>
^trying to = <how>
^(i|we) (really|just|urgently|) (need|want|would like|could use|require|am looking for) (some|a bit of|a little|your|) (help|assistance|support|guidance|advice) (with|in|on|to|for|) = <how>
^(need|looking for) (some|a bit of|a little|your|) (help|assistance|support|guidance|advice) (with|in|on|to|for|) = <how>
^(help|assist|guide) (me|us) (with|in|on|to|through|) = <how>
^(i|we) (am|are|) (having|have|got|am facing) (trouble|problems|difficulties|issues|difficulty|a problem|an issue) (with|) = problem
^(i|we) (can not|am not able to|are not able to|am unable to|are unable to) = can not
^(how|what) about = <about>
^(tell me|i want to know|i would like to know|talk|say) (more|something|a bit|a little|everything|all|) about = <about>
^(i would like|i want|i need|give me|do you have|can i get|can i have|where can i find) (some|more|further|any|) (information|info|details) (about|on|regarding|concerning) = <about>
^(information|info|details) (about|on|regarding|concerning) = <about>

what (is|are) (the|) (exact|) (meaning|definition) of = <what>
^(explain|describe|state|name|clarify|what is|what are) (the|) (difference|differences|main difference) = <what> difference
(customer|client) (support|service|care) = support
the following (text|sentence|paragraph|email|message|article|review|passage|code|snippet|note|date|list|table|word|words|phrase) = $1
in (what|which) year (did|was|were) = <when> did
what is meant by = <what>
^(define|definition of|the definition of|meaning of|the meaning of) = <what>
^(give|give me|provide) (a|the|) (short|brief|) definition (of|for) = <what> $3
what (is|are|does|do) = <what>
what (will|would) = <what> will
what exactly (is|are|does) = <what>
what (was|were|did) = <what> did
what (do|must|should|can|would|could) {_I} (need to do|have to do|do) = <how> <act>
what (to|i should|should be done|needs to be done) do = <how> <act>
what (time|hour) (do|does|is|are) = <when>
(at|) (what|which) time (do|does|is|are) = <when>
^(on|) (what|which) (day|date) (do|does|is|are) = <when>
(what|which) (kind|kinds|sort|sorts|type|types) of = <what> type
(which|what) (one|ones) (is|are) = <what>
for (what|which) reason = <why>
(why|why is it that|how is it that) (do|does) = <why>
why (is|are) = <why> <be>
why did = <why> did
why (was|were) = <why> did <be>
why = <why>
what is the reason (for|why|that|) = <why> <be>
what was the reason (for|why|that|) = <why> did <be>
(pros and cons|cons and pros|advantages and disadvantages|disadvantages and advantages|benefits and drawbacks) = pros-cons
what (makes|causes|is causing) = what cause
how (much|many|) (time|long) (does|do|will|would) it (usually|typically|normally|generally|) take (for|until|) = <how-long> take
how (much|many) (time|days|hours|minutes|weeks) (does|do|will|would) = <how-long>
how long (do|should|must) {_I} (need to|have to|) = <how-long>
how long (does|do|is|are) = <how-long>
how long will = <how-long> will
how long (did|was|were) = <how-long> did
how long = <how-long>
how much (do|does|is|are) = <how-much>
how much (will|would) = <how-much> will
(how much|how many) = <how-many>
(how often|how many times|how frequently) (do|does|should|is|are) (i|you|we|one|) = <how-often>
(how often|how frequently|how many times) = <how-often>
how far (is|are|) = <how-far>
how old (is|are|) = <how-old>
where (can|could|do|should|would|may|might) {_I} = <where>
(where|in which place|at which place) (does|do) = <where>
where (is|are) = <where> <be>
where (can|could|do|may) {_I} (find|see|look for|look up|locate) = <where>
where (to|i can|i could|you can|we can|one can|i|can|is it possible to) find = <where>
where (i|you|we|one) (can|could|should|) = <where>
where to = <where>
where (did|was|were) = <where> did
where = <where>
when (do|does|is|are) = <when>
when (will|would) = <when> will
when (did|was|were) = <when> did
^when (can|could) {_I} = <when> can
^when = <when>
^^when = <when>
until when = until <when>
(who|whom) (do|should|can|could|must) {_I} (contact|ask|call|email|message|reach|talk to|speak to|speak with|talk with|turn to|write to|reach out to|get in touch with) = <who> contact
(who|whom) (is|are|do|does) = <who>
(who|whom) (was|were|did) = <who> did
(who|whom) = <who>
whose = <whose>
which (is|are) = <what>
^which = <what>
^^which = <what>
which = that
what = <what>
(in|on|at|for|with|to|from) which = $1 <what>
^(is|would it be|are) (it|) (possible|feasible) (for me|for us|) to (still|) = <possible>
^is (there|) (a|any|) (possibility|chance) (to|of) = <possible>
^(am|are|is) (i|we|you|one) able to = <possible>
^(am i|are we|are you|is one|is anybody|is anyone) (allowed|permitted|entitled) to = <may>
^is it (allowed|permitted|okay|alright|fine|legal) (for me|for us|) to = <may>
^is it (okay|alright|fine|allowed) if i = <may>
^may (i|we|one) = <may>
^(can|could) (i|we|one) (still|) = <can>
^(do|must|should) (i|we|you|one) (really|) (need to|have to) = <must>
^must (i|we|you|one) = <must>
^(am i|are we|is one) (required|obliged) to = <must>
^is it (necessary|required|mandatory|obligatory|needed|compulsory) (for me|for us|) to = <must>
^(does|do) = <whether>
^^about = <about>
^(give|get|show|send|find) me (the|some|) = <give>
^(give|get|show|send|find) me (a|an) = <want>
^(provide|suggest|recommend) (me|us|) (with|) (the|some|) = <give>
^(i|we) (would like|want|need|am looking for|are looking for) (a|an|the|some) = <want>
(what are|what is) (some|a few) = <what>
how (do|can|could|should|would) {_I} do (that|this|it|so) $ =
how (is that|is this|is it|can that be|can this be) done $ =
how (does|would) (that|this|it) work $ =
(is it|is that|is this) possible $ =
by (whom|who) (is|are) = <who> <be>
by (whom|who) (was|were) = <who> did <be>
(apply|applying) for = request
(has|have) been = <past>
^(is|are|am) = <whether> <be>
^did = <whether> did
^(was|were) = <whether> was <be>
^(has|have) = <whether> has
^(will|would) = <whether> will
^should = <whether> should
^can = <whether> can
^could = <whether> can

(because|due to|owing to|on account of) of = because
(due|owing) to = because
in order to = to
so that = to
such as = like
instead of = instead
rather than = instead
out of = out-of
in front of = in-front
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
according to = per
(together|along) with = with
(each|every) one of = every
(all|both|some|many|most|any|none|one|each|several) of (the|) = $1
(all|everything|everyone|anything|nothing|nobody|none|no one|everybody) but = $1 except
as well as = and
a few = some
a little = some
(a lot|lots|plenty) of = many
(a great|a large) number of = many
the number of = <how-many>
a couple of = some
no one = nobody
no longer = no-longer
not (any longer|anymore|any more) = no-longer
(any longer|anymore|any more) = no-longer
not yet = not-yet
right now = now
at the moment = now
(these days|nowadays|at present) = now
by the way =
to be honest =
in your opinion =
of course =
(if i|when i) (want|would like|wish) to = to
(sign|log|logging|signing|logs|signs) (in|into|on) (to|) = login
(sign|log|logging|signing|logs|signs) (out|off) (of|from|) = logout
(log|sign) me (out|off) = logout
(our|the|your|their|an|) it (department|team|support|helpdesk|policy|staff|service|services|security|desk|infrastructure|manager) = information-technology $2
letters in = letters-in
(logged|signed) (out|off) (of|from|) = logged-out
(logged|signed) (in|into) (to|) = logged-in
(signing|sign) up (for|) = register
(set|setting) up = setup
(get|getting) rid of = delete
(make|making) (a|the|) (decision|choice) = decide
(take|have|having|taking) a look at = look
(make|making|do|doing|create|creating) a (backup|backup copy|back up) of = backup
(back|backing) up = backup
(make|making) (a|any|) (change|changes|modification|modifications) (to|in|on) = change
(make|making) a payment = pay
(place|placing|make|making|put in) an order (for|) = order
(make|making) (a|) (reservation|booking) (for|) = book
(submit|submitting|file|filing|put in|make|making) (a|an|) (application|request) for = request
(get|getting) in touch with = contact
(get|getting) hold of = contact
(reach|reaching) out to = contact
(find|finding) out = discover
(figure|figuring) out = discover
(carry|carrying) out = perform
(take|taking) part in = attend
(turn|turning|switch|switching) on = enable
(turn|turning|switch|switching) off = disable
(turned|switched) on = enabled
(turned|switched) off = disabled
(shut|shutting) down = shutdown
(pick|picking) up = collect
(hand|handing|turn) in = submit
(fill|filling) (in|out) = complete
(look|looking|search|searching) for = search
(write|give|make|create|provide|produce|do|writing|generate) (me|us|) (a|the) summary (of|for) = summarize
(write|give|make|create|provide|produce|do|writing|generate) (me|us|) a (short|brief|quick) summary (of|for) = summarize briefly
(get|getting|receive|receiving|obtain|obtaining) (a|an|my|the|) refund (for|of|on|) = refund
(get|getting|receive) (my|the|) money back (for|on|) = refund
(ask|asking) for = request
(phone|telephone) number = phone number
(mobile|cell|cellular|smart) phone = mobile
(credit) (card) = creditcard
human resources = hr
(information|info) technology = it-department
personal computer = computer
artificial intelligence = ai
working (days|day) = business $1
(going|gonna) to = will
(stop|stops|stopped|stopping|forget|forgot|forgotten|remember|remembered|regret|try|tried) to = $1 to-do
have to = must
has to = must
(need|needs) to = must
(supposed|meant) to = should
ought to = should
had better = should
(am|are|is|be) able to = can
step by step = stepwise
for free = free
free of charge = free
at no cost = free
on my own = alone
by myself = alone
as soon as possible = quickly
in (brief|short) = briefly
shortly = briefly
in (a|one|) single = in 1
"""

_DROPPABLE = """
a an the
is are am be being got
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
weekend
""",
}

_ADVERBS = """
permanently temporarily automatically manually quickly slowly safely securely properly correctly efficiently completely
directly immediately easily programmatically remotely locally globally individually separately anonymously recursively
asynchronously dynamically legally officially successfully together online offline abroad
"""

_SYNONYMS = """
delete remove erase deletion removal
buy purchase acquire
begin start commence
fix repair
picture image
photo photograph pic
big large
bigger larger
biggest largest
small little
quick fast rapid quickly rapidly
quickest fastest
quicker faster
simple easy
simplest easiest
simpler easier
show display
help assist aid
choose select
modify alter change edit amend modification
get obtain receive
require need necessary
firm company
holiday vacation
movie film
cellphone smartphone mobile
phone telephone
tv television
fridge refrigerator
lorry truck
flat apartment
taxi cab
app application
doc document
info information
cost price
permit allow
permitted allowed
forbidden prohibited
happen occur
vocab vocabulary
advantage benefit pro upside
disadvantage drawback con downside
main primary principal
important crucial
wrong incorrect
usual typical
normally usually generally typically
instantly immediately
shop store
parcel package
invoice bill
salary wage
coworker colleague
house home
kid child
kids children
physician doctor
attorney lawyer
automobile car
airplane aeroplane aircraft plane
baggage luggage
trip journey
dessert pudding
candy sweets
cookie biscuit
eggplant aubergine
zucchini courgette
cilantro coriander
petrol gasoline
thaw defrost
construct build
create make creation produce
compute calculate calculation computation
examine inspect
locate find
combine merge
divide split
transform convert conversion
duplicate copy
reboot restart
complete finish
halt stop
prevent avoid
reply respond answer response
inform notify
reimburse refund reimbursement
cancellation cancel
installation install
configuration configure config
registration register
verification verify
activation activate enable
deactivation deactivate disable
translation translate
replacement replace
renewal renew
withdrawal withdraw
reservation booking
reserve book
summary summarize summarization
comparison compare
definition define
explanation explain
improvement improve
development develop
payment pay
authentication authenticate auth
documentation docs
repository repo
database db
parameter param
function func
dictionary dict
directory folder dir
environment env
specification spec
statistics stats
total sum
quantity amount
problem issue trouble
bug glitch
cause reason
way method
aim goal
topic subject
occupation profession
section part
website site
exit quit
computer pc
misplaced lost
broken damaged
faulty defective
ill sick
illness sickness
medication medicine
rubbish trash garbage
clothing clothes
trousers pants
sneakers trainers
sweater jumper
couch sofa
elevator lift
mathematics maths math
examination exam
resume cv
yearly annual annually
hire recruit
timetable schedule
talk speak
distinguish differentiate
nearby close-by
submit hand-in
retrieve fetch
mandatory obligatory compulsory
terrible awful horrible
pleased glad happy
crash freeze-up
mom mother
dad father
grandma grandmother
grandpa grandfather
bike bicycle
ad advert advertisement
gym fitness-center
lab laboratory
hr human-resources
intl international
newbie beginner
attachment enclosure
tummy stomach
"""

_ANTONYMS = """
enable activate / disable deactivate
open / close
on / off
in / out
into / out-of
to / from
before / after
with / without
always / never
all every / no none
all every / some
everybody / nobody
everything / nothing
any / no
many / few
more / less
most / least
max maximum / min minimum
best / worst
better / worse
buy / sell
lend / borrow
import / export
upload / download
install / uninstall
login / logout
subscribe / unsubscribe
add / delete
push / pull
increase raise / decrease reduce lower
upgrade / downgrade
encrypt / decrypt
encode / decode
compress / decompress
lock / unlock
block / unblock
mute / unmute
hide / show
connect / disconnect
attach / detach
accept / reject decline
approve / reject
allow / forbid block prevent
start begin / stop end
first / last
start / finish
arrive / depart leave
arrival / departure
send / get
win / lose
pass / fail
success / failure
true / false
positive / negative
advantage / disadvantage
pros / cons
strength / weakness
possible / impossible
legal / illegal
valid / invalid
correct / wrong
safe / dangerous unsafe
healthy / unhealthy
old / new
oldest / newest
older / newer
old / young
early / late
earliest / latest
left / right
up / down
above / below
over / under
inside / outside
internal / external
inbound / outbound
incoming / outgoing
input / output
upper / lower
top / bottom
front / back
high / low
higher / lower
highest / lowest
big / small
bigger / smaller
biggest / smallest
long / short
longer / shorter
longest / shortest
cheap / expensive
cheaper / expensive
cheapest / expensive
hot / cold
warm / cold
fast / slow
faster / slower
hard / soft
hard / easy
strong / weak
full / empty
wet / dry
light / dark
light / heavy
rich / poor
male / female
man / woman
boy / girl
husband / wife
mother / father
brother / sister
son / daughter
king / queen
public / private
paid / free
online / offline
manual / automatic
manually / automatically
temporary / permanent
temporarily / permanently
domestic / international
local / remote
national / international
indoor / outdoor
single / married
singular / plural
vertical / horizontal
row / column
ascending / descending
odd / even
minimum / maximum
employer / employee
teacher / student
landlord / tenant
buyer / seller
lender / borrower
sender / recipient
client / server
parent / child
child / adult
beginner / expert
monday / sunday
morning / evening
day / night
summer / winter
north / south
east / west
gross / net
income / expense
debit / credit
profit / loss
asset / liability
deposit / withdraw
earn / spend
save / spend
create / delete
insert / delete
append / prepend
read / write
get / set
encoder / decoder
synchronous / asynchronous
static / dynamic
local / global
mutable / immutable
optional required / mandatory
optional / required
include / exclude
included / excluded
enter / exit
ascend / descend
inhale / exhale
boil / freeze
freeze / thaw
heat / cool
appear / disappear
agree / disagree
like / dislike
love / hate
remember / forget
question / answer
cause / effect
formal / informal
brief / detailed
"""

_ACTIONS = """
delete cancel reset change update install uninstall create translate summarize write send download upload buy add build call
check choose clean clear close combine compare compute configure connect convert copy count cut debug decide define deploy
describe design disable draft draw edit enable encrypt enter estimate explain export extract fill filter find fix format
generate get give group handle identify implement import improve include insert invite join list log make manage mark merge
move open optimize order organize parse pay plan post prepare print proofread protect prove provide publish read recommend
refactor reformat refund register renew reply report replace request reserve resolve restart restore return reverse review
rewrite run save schedule search select sell set setup share shorten show sign simplify solve sort speak split start stop
store submit subscribe suggest swap sync tell test track train transfer trim turn undo unlock unsubscribe use validate verify
view withdraw work change classify categorize rank rate rephrase paraphrase correct calculate activate archive assign apply
attach link block book borrow charge collect contact disconnect dispose drive cook bake boil grow learn teach treat remove repair
"""

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
_BRITISH = re.compile("([iy])s(e|es|ed|ing|ation|ations|er|ers)$")
_PAST = {form: first for first, *others in lines(_IRREGULAR) for form in others}
_ODD = {form: first for first, *others in lines(_PLURALS) for form in others} | _PAST
_WHOLE = frozenset(
    "evening morning marketing nothing something anything everything wedding ceiling during news always perhaps business address"
    " process access need speed feed seed indeed hundred species series this its was has does plus bus gas status virus basis"
    " analysis canvas bonus campus census focus lens thus less unless across us is as yes red bed led shed sacred kindred"
    " glasses means booking customs goods savings arms contents earnings headquarters terms manners premises stairs clothes remains odds"
    " grounds".split()
)


@lru_cache(4096)
def stem(word: str) -> str:
    """The word without its inflection. Derivation stays, so that an employer is no employee, and an organ no organization."""
    if word in _ODD:
        return _ODD[word]
    if len(word) < 4 or word in _WHOLE or not word.isascii():
        return word
    word = _american(word)
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


def _american(word: str) -> str:
    """`amortisation` as `amortization`, `labour` as `labor`: where that is a word."""
    if len(word) > 6 and (other := _BRITISH.sub(r"\1z\2", word)) != word and other in get_frequency_dict("en", "small"):
        return other
    if (
        len(word) > 5
        and (other := re.sub("our(s?)$", r"or\1", word)) != word
        and other in get_frequency_dict("en", "small")
    ):
        return other
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
    phrases=_PHRASES + FRAMES,
    droppable=_DROPPABLE,
    first_person="i me my mine we us our ours",
    to_me="me us",
    spelled="spell spelling plural singular pronounce conjugate rhyme syllable vowel tense anagram palindrome regex letters-in synonym antonym translate translation",
    own="my our your",
    price="cost price",
    adverbs=_ADVERBS,
    implied="""
<what> mean
<where> located situated found
""",
    alike="""
if when
yet still
in using
with using
by using
""",
    infinitive="to",
    compounding="in for about",
    most="best worst -est",
    beside_no="yet",
    condition="if",
    pasted="this following these / text sentence paragraph email message article review passage code snippet note letter comment document abstract",
    operators=_OPERATORS,
    synonyms=_SYNONYMS + SYNONYMS,
    antonyms=_ANTONYMS,
    actions=_ACTIONS + ACTIONS,
    having=HAVING,
    owners="of",
    owned=(
        "price cost fee deadline recipe reason password pin code key login address name number phone setting limit size policy rule"
        " requirement format formula method definition synonym example template schedule date instruction manual documentation"
        " procedure process status invoice receipt warranty access budget form guide tutorial fees permit license visa certificate"
        " discount tax insurance menu charger driver map cable adapter course exam script query regex command function"
    ),
    loose_owners="for",
    passive_by="by",
    both_ways="between compare comparison difference",
    ands="and or versus",
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
