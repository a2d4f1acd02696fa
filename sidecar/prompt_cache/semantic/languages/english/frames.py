"""Everyday English: frames of questions and requests that ask for the same."""

_I = "(i|we|you|one|someone|somebody)"
_TEXT = "(function|script|program|query|code|regex|formula|macro|command|method|class)"

FRAMES = f"""
^^(the|its|their|his|her) = <what>
^^(your) = <what> your
^^(my|our) = <what> my
^(explain|describe|tell me|give me|show me) (to me|to us|) (the|) (main|key|exact|) (difference|differences) = <what> difference
^what (is|are) (the|) (main|key|exact|) (difference|differences) = <what> difference
^what (is|are|would be) (some|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = <want> $3 $4 for
^(give|send|show|suggest|recommend|provide) (me|us|) (some|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = <want> $4 $5 for
^(i|we) (would like|want|need|am looking for) (some|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = <want> $4 $5 for
^(do you have|have you got) (some|any|a few|) (good|useful|) (tips|ideas|examples|suggestions) (for|on|of|about) = <want> $4 $5 for
^(write|draft|compose|create|generate|make|produce|prepare|formulate) (me|us|) (a|an|the|some|one) = write
^(write|draft|compose|create|generate|make|produce|prepare|formulate) (me|us) = write
^(give|send|show|make|create|write|generate|provide|produce|compile|prepare) (me|us|) (a|the) list (of|with) = <give>
^(i|we) (would like|want|need) (a|the) list (of|with) = <give>
^list (me|us|) (the|) = <give>
{_TEXT} (that|which|to) = $1
^(do|does) (you|your company|your shop|your store|your team) (have|offer|provide) (a|an|any|some|) = <whether> exist
^(is|are) there (a|an|any|some|) = <whether> exist

^(can|could|would|will) you (give|get|show|send|find) me (a|an) = <want>
^who is (a|an) = <who> someone
^^(if|whether) you (have|offer|provide) (a|an|any|some|) = <whether> exist
what is the check (in|out) time = <what-time> check $1
(file|filing|submit|submitting|make|making|lodge|lodging) (a|my|the) complaint = complain
(come|comes) in $ = available in
how high (is|are) (the|my|your|) (credit|withdrawal|transfer|spending|speed) limit = <what> $3 limit
^(can|could|would|will) (someone|anyone|somebody|anybody) (explain|describe|tell|show|clarify) (to me|me|us|) = <ask>
(is there|is there any|are there any) (a|any|) (easy|simple|quick|good|) (way|ways) (that|) (i|we|you|one) (can|could) = <how>
what is the (due|expiry|expiration|start|end) date (of|for) = <when> $1-date
for how long = <how-long>
for how long (can|could|do|should|must) {_I} (need to|have to|) = <how-long>
good for (you|me|your health|my health) $ = healthy
bad for (you|me|your health|my health) $ = unhealthy
(my|the) (laptop|phone|computer|printer|car|app|screen|pc|tv|battery|door|browser|dishwasher|video|page|game|mouse|keyboard|monitor|tablet|camera|router|oven|fridge) will not = $1 $2 not
how (do|would|can) {_I} say (this|the following|) (sentence|text|word|phrase) in (english|french|german|spanish|italian|portuguese|dutch|polish|chinese|japanese) = translate into $5 $4
^(just a|a|just|) quick one =
^but =
^(i|we) (was|were|am|are) (just|) hoping (that|) you (could|can|would) (tell|show|help|explain to|) (me|us|) (with|) = <ask>
(ticket|tickets) to = $1 for
profile (photo|image|pic) = profile picture
the following (week|day|month|year|morning|evening) = next $1
the following (function|method|class|script|query|tweet|post|comment|poem|story|recipe|document|contract|report|essay|letter|title|headline|product|data|string|json|csv|html|sql|python|javascript|java|expression|equation|error|log|output|conversation|transcript|question|statement|quote|url) = $1
what (can|could) {_I} do (in|at|with|near|around) = <what> can do $3
^(determine|identify) the = <what>
what is the command (to|for) = <how>
(take|takes|taking) place = happen
(back in stock|in stock again|available again) = restocked
(update|updating) (my|our|your|the) (email|email address|address|billing address|delivery address|shipping address|phone number|password|payment method|payment details|bank details|contact details|credit card|name|username) = change $2 $3
^(is|are) there (a|any|an|) (extra|additional|) (charge|charges|fee|fees|cost) for = <whether> charge for
^do you charge (a fee|extra|anything|money|) for = <whether> charge for
^is it still possible (for me|for us|) to = <possible>
^what if = what happen if
opening times = opening hours
(speed|speeding) up = accelerate
(see|check|know|tell|determine|verify|find out|figure out) when = check <when>
in a (more|less) (formal|informal|friendly|professional|casual|polite|concise) (tone|style|way|manner) = $1 $2
(formal|informal|friendly|professional|casual|polite) (tone|style) = $1
^(make|rewrite|rephrase|reword) (this|the following|my|the|) (text|email|sentence|message|paragraph|) (more|less) = make $3 $4
^(make|rewrite|rephrase|reword) (this|the following|my|the|) (text|email|sentence|message|paragraph|) (to be|to sound|so it sounds|so that it sounds|sound) (more|less) = make $3 $5
^(rewrite|rephrase|reword) (this|the following|my|the|) (text|email|sentence|message|paragraph|) in a (more|less) (formal|informal|friendly|professional|casual|polite|concise) (tone|style|way|manner) = make $3 $4 $5
^(do|will|would|can|could) (i|we) get (a|my|the|) (refund|money back) (for|of|on|) = <can> get-refund
(enroll|enrol|enrolling|enrolled) (in|for|on|) = register
(register|registering) (for|with) = register
(leave|leaves) from = depart from
(entitled|eligible) (to|for) = get
(who|whom) (do|should|must|can) {_I} (have to|need to|) (tell|inform|notify) = <who> inform
why (do i|am i|do we|are we) (get|getting|seeing) (a|an|the|this|) = what cause
(see|check|know|tell|determine|verify|find out|figure out) (if|whether) = check if
(see|check|know|tell|determine|verify|find out|figure out) (which|what) = check what
(check|proofread|correct) (this|the|my|the following|) (paragraph|text|email|essay|sentence|letter|article) for (mistakes|errors|typos|spelling mistakes|grammar mistakes|grammar errors) = proofread $3
what (is|are) (a|some|) (good|great) (way|ways|method) (to|of|for) = <how>
(sum|sums|summing) up = summarize
(backs|backed) up = backup
when will = <when> will <be>
^(come up with|think up) (a|an) = write
what (do|must|should) {_I} (need to|have to|) (bring|wear|pack) = <what> should $4
what (can|could|should) {_I} use instead of = <what> substitute for
what (is|are) (a|the|some|) (good|best|) (substitute|substitutes|alternative|alternatives) (for|to) = <what> substitute for
what (is|are) the (consequences|consequence) of = what happen if
once (i|we|you) have = after $1 have
(on|at|over|during) (the|) (weekend|weekends) = on weekend
(come|comes) with = include
(birthday|thank you|farewell|goodbye|wedding|anniversary|condolence) (message|note|card|greeting|letter|email) to = $1 $2 for
translate (this|the|the following|) (sentence|text|word|phrase|paragraph|email|message) (into|to) (english|french|german|spanish|italian|portuguese|dutch|polish|chinese|japanese) = translate into $4 $2
what is the (english|french|german|spanish|italian|portuguese|dutch|polish|chinese|japanese) translation of = translate into $1

how long does (delivery|shipping|processing|shipment|approval|verification|training|recovery|healing) (usually|typically|normally|generally|) take = <how-long> $1 time
what (is|are) (the|your|) (usual|typical|average|estimated|expected|) (delivery|shipping|processing|shipment|approval|verification|training|recovery|healing) (time|times) = <how-long> $4 time
how long (is|are) (the|your|my|) (warranty|guarantee|notice|trial|probation|waiting|return|retention|grace|lease|rental|contract|delivery) (period|) = <how-long> $3 period
what (is|are) (the|your|my|) (warranty|guarantee|notice|trial|probation|waiting|return|retention|grace|lease|rental|contract) (period|term|length|duration) = <how-long> $3 period
what (is|are) (the|) (length|duration) of = <how-long>
(in|) (what|which) year (was|were|did) = <what-year> did <be>
(in|) (what|which) year (is|does|do) = <what-year> <be>
how many (people|inhabitants) (live|are there) in = <what> population of
what (is|are) (the|) (deadline|cutoff|cut off date|closing date|last date) (for|to) = until <when>
when (is|are) the (deadline|cutoff|cut off date|closing date) (for|to) = until <when>
by when (do|must|should) {_I} (have to|need to|) = until <when>
until when (can|may|could|must|should) {_I} = until <when>
(what|when) (is|are) (the|) (best|right|ideal|recommended) time = <when> $4 time
what (are|is) your (opening|business|open) (hours|times) = <what> your opening hours
what (are|is) the (opening|business|open) (hours|times) = <what> opening hours
(when|what time|what hours|at what times) are you open = <what> your opening hours
when is the (library|office|shop|store|pool|gym|museum|restaurant|pharmacy|cafeteria|canteen|reception|bank|branch|clinic) open = <what> $1 opening hours
when (do|must) {_I} (have to|need to) = <when> must
(what|which) time (do|must) {_I} (have to|need to) = <what-time> must
^^when (should|must|can|could) = <when> $1 <be>
where (can|could) = <where> <be>
how often (do|should|must) {_I} (have to|need to|) = <how-often>
why (will|would) not = <why> not
(am i|are we|is one) (allowed|permitted) to = can i
(each|every) (hour|night|minute) = per $2
(once|twice|times|hours|minutes|days|dollars|euros|pounds|pills|cups|meals|much) a day = $1 daily
(once|twice|times|hours|minutes|days|dollars|euros|pounds|pills|cups|meals|much) a week = $1 weekly
(once|twice|times|hours|minutes|days|dollars|euros|pounds|pills|cups|meals|much) a month = $1 monthly
(once|twice|times|hours|minutes|days|dollars|euros|pounds|pills|cups|meals|much) a year = $1 yearly
close to = near
(need|needs|have|has) to be = must <be>
(must|should|can|could) be = $1 <be>
(exist|exists) (in|on|at) = $2
(placed|made|submitted) (my|the|an|our|your) order = ordered
simply =
simply $ = in-simple-terms
(explain|describe) simply = $1 in-simple-terms
in (simple|plain|easy) (terms|words|language|english) = in-simple-terms
in layman terms = in-simple-terms
(text|sentence|paragraph|email|message|article|review|passage|code|snippet|note|list|table) below (in|into|to|as|and|using) = $1 $2
(text|sentence|paragraph|email|message|article|review|passage|code|snippet|note|list|table) below $ = $1

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
how high (is|are) (the|my|your|) (interest|tax|fee|fees|rent|inflation|deposit|deductible|exchange|unemployment) = <what> $3
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
(book|books|article|articles|essay|report|paper|post|presentation|speech|documentary) (on|about|regarding|concerning) = $1 about
(apply|applying|application) for = request
a (step by step|stepwise) guide (to|for|on) = <how>
(http|status) code = $1
(short|brief|concise) (email|letter|summary|message|text|description|poem|story|reply|response|post|introduction|intro|overview|explanation|paragraph|bio|biography|speech|essay|article|note|report|history) = short $2
(meal|workout|study|lesson|diet|exercise|fitness|training) (plan|plans) = $1-plan
(packing|shopping|grocery|reading) list = $1-list
(to do|todo) list = todo-list
^(make|create|write|compile|prepare|draw up|put together|draft|generate|design|build|give me|provide|i need|i want|i would like) (me|us|) (a|an|) (packing|shopping|grocery|reading) list = write $4-list
^(make|create|write|compile|prepare|draw up|put together|draft|generate|design|build|give me|provide|i need|i want|i would like) (me|us|) (a|an|) (meal|workout|study|lesson|diet|exercise|fitness|training) plan = write $4-plan
^(make|create|write|compile|prepare|draw up|put together|draft|generate|give me|provide|i need|i want|i would like) (me|us|) (a|an|) (to do|todo) list = write todo-list
^(provide|give) (a|an) = <want>
^(can|could|may) (i|we) (get|have) (a|an) (poem|recipe|joke|riddle|haiku|regex|query|formula|overview|outline) = <want> $4
^provide (me|us) (a|an|with a|with an) = <want>
^(write|give|make|create|provide|do) (me|us|) (a|the) (comparison|side by side comparison) (of|between) = compare
^(suggest|recommend|propose) (me|us|) (a|an|some|a few|) (good|) (name|names|title|titles) for = suggest $5 for
^(suggest|recommend|propose) (me|us|) (a|some|a few|) (name|title) (ideas|suggestions) for = suggest $4 for
^(give me|i need|i want|i would like|i am looking for|come up with|generate|create|find|think of|help me find|help me come up with|provide|brainstorm) (a|an|some|a few) (good|) (name|names|title|titles) for = suggest $4 for
^(give me|i need|i want|i would like|i am looking for|come up with|generate|create|find|think of|help me find|help me come up with|provide|brainstorm) (some|a few|) (name|title) (ideas|suggestions) for = suggest $3 for
(name|title) (ideas|idea|suggestions) = $1
ideas for (names|titles) = $1
^(come up with|think of|think up|brainstorm) = give
query (that gets|that selects|that retrieves|that fetches|that finds|that returns|which gets|which selects|which retrieves|which fetches|which finds|which returns|to get|to select|to retrieve|to fetch|to find|to return) = query get
what is the (spanish|french|german|italian|english|portuguese|japanese|chinese|dutch|polish) word for = translate into $1
^(give me|find|find me|suggest|tell me) (a|an|another) (synonym|antonym) (for|of) = <what> $3 of
(joke|poem|story|haiku|essay|article|blog post|tweet|recipe|limerick|speech) on = $1 about
^(suggest|recommend|list|name) (me|us|) a few = <give>
^find (synonyms|antonyms) (for|of) = <give> $1 of
^(put|arrange|order) (this|the|these|my|the following) (list|names|words|items) (in|into) alphabetical order = sort $3 alphabetically
(python|java|javascript|typescript|php|ruby|rust|golang) (program|class) (that|which|to) = $1 code-$2
(python|java|javascript|typescript|php|ruby|rust|golang) (program|class) = $1 code-$2
regex (to validate|for validating|that validates|which validates|validating) = regex validate
^what (is|are) (a|an|some) (good|simple|) (example|examples) (for|of) = <want> $3 example of
^what (is|would be) (the|a|an) (excel|sql|) (formula|query|regex) to = <want> $3 $4
^(find|identify|spot|locate) the (bug|error|mistake|problem) in = <give> $2 in
^(write|provide|prepare) (me|us|) (the|some|) (instructions|directions) (for|to|on how to|for how to) = <how>
regex (that matches|which matches|to match|for matching|matching) = regex match
(regular expression|regular expressions) (that matches|which matches|to match|for matching|matching) = regex match
^(write|create|generate|make|prepare|produce) (unit|test|sample|python|javascript|sql|java|bash|documentation) = write $2
(bullet point|bullet points|bulletpoint|bulletpoints) = bullet
(as|in|using|with) (a bulleted|a bullet|a bullet point|bullet point|bulleted) (list|form|format) = in bullet
(as|using|with) bullet points = in bullet
"""

SYNONYMS = """
rephrase reword
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
mistake error
faucet tap
leaky leaking
"""

WRITTEN = (
    "write email letter message function script query regex method macro formula poem story essay article post"
    " description summary tweet headline slogan caption speech announcement invitation bio biography reply example dockerfile template loop code-program code-class"
    " recipe joke riddle quiz overview outline haiku limerick checklist meal-plan workout-plan study-plan lesson-plan diet-plan"
    " exercise-plan fitness-plan training-plan packing-list shopping-list grocery-list reading-list todo-list"
    " recipe joke riddle quiz overview outline haiku limerick checklist meal-plan workout-plan study-plan lesson-plan diet-plan"
    " exercise-plan fitness-plan training-plan packing-list shopping-list grocery-list reading-list todo-list"
)

ACTIONS = "exist"

HAVING = "has have contain contains include includes"
