"""Everyday English: frames of questions and requests that ask for the same."""

_I = "(i|we|you|one|someone|somebody)"
_TEXT = "(function|script|program|query|code|regex|formula|macro|command|method|class)"

FRAMES = f"""
^^(the|its|their|his|her) = <what>
^^(your) = <what> your
^^(my|our) = <what> my
^(explain|describe|tell me|give me|show me) (to me|to us|) (the|) (main|key|exact|) (difference|differences) = <what> difference
^what (is|are) (the|) (main|key|exact|) (difference|differences) = <what> difference
^what (is|are|would be) (some|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = give $3 $4
^(give|send|show) (me|us|) (some|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = give $4 $5
^(i|we) (would like|want|need|am looking for) (some|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = give $4 $5
^(do you have|have you got) (some|any|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = give $4 $5
^(write|draft|compose|create|generate|make|produce|prepare|formulate) (me|us|) (a|an|the|some|one) = write
^(write|draft|compose|create|generate|make|produce|prepare|formulate) (me|us) = write
^(give|send|show|make|create|write|generate|provide|produce|compile|prepare) (me|us|) (a|the) list (of|with) = <give>
^(i|we) (would like|want|need) (a|the) list (of|with) = <give>
^list (me|us|) (the|) = <give>
{_TEXT} (that|which|to) = $1
^(do|does) (you|your company|your shop|your store|your team) (have|offer|provide) (a|an|any|some|) = <whether> exist
^(is|are) there (a|an|any|some|) = <whether> exist

(is|are) (required|needed|necessary) to = must
(is|are) (required|needed|necessary) for = need for
what (is|are) (a|the) (quick|fast) way to = <how> quickly
(am|is|are|was|) unable to = can not
(am|is|are|was|) not able to = can not
why (am i|are we) (unable|not able) to = <why> can not
why (can|could) (i|we) not = <why> can not
why can not (i|we) = <why> can not

who (is|was) the (inventor|inventors) of = <who> invented
who (is|was) the (author|writer) of = <who> wrote
who (is|was) the (founder|founders) of = <who> founded
who (is|was) the creator of = <who> created
who (is|was) the discoverer of = <who> discovered
who (is|was) the director of = <who> directed
who (is|was) the composer of = <who> composed
who (is|was) the painter of = <who> painted
who (is|was) the winner of = <who> won
how (tall|high) (is|are) = <what> height of
how old (is|are) = <what> age of
how heavy (is|are) = <what> weight of
how deep (is|are) = <what> depth of
how wide (is|are) = <what> width of
what (is|are) the age of = <what> age of

what (do|must|should|can|would|could) {_I} (need to do|have to do|do) (if|when) = <how> <act> if
what to do (if|when) = <how> <act> if
what (happens|will happen|would happen) (if|when) = what happen if
how (do|can|could|should|would) {_I} (do|achieve|accomplish) (that|this|it|so) $ = <how>
how (does|would|will) (that|this|it) work $ = <how>
what is the weather (like|) = <what> weather
how is the weather = <what> weather
what will the weather be (like|) = <what> will weather
how will the weather be = <what> will weather
(stand|stands|short|abbreviation|acronym) for = abbreviate
(have|has|got) (left|remaining) $ = still have
how (frequently|regularly) (do|does|should|is|are) (i|you|we|one|) = <how-often>

(in|with|using) (python|javascript|java|typescript|php|ruby|rust|golang|sql|css|html|pandas|numpy|bash) = in $2
(in|into|to) (english|french|german|spanish|italian|portuguese|dutch|polish|chinese|japanese) = into $2
in (simple|plain|easy) (terms|words|language|english) = simply
(book|books|article|articles|essay|report|paper|post|presentation|speech|documentary) (on|about|regarding|concerning) = $1 about
(apply|applying|application) for = request
a (step by step|stepwise) guide (to|for|on) = <how>
(http|status) code = $1
"""

SYNONYMS = """
setup configure
integer int
boolean bool
character char
produce generate
inexpensive cheap
assistance help
permitted allowed
frequently often
revert undo
"""

ACTIONS = "exist"

HAVING = "has have contain contains include includes"
