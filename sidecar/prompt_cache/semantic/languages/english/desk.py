"""Everyday English: what customers, citizens and staff say to whoever serves them."""

_PAPER = (
    "(receipt|id|passport|ticket|appointment|password|license|permit|visa|reservation|booking|deposit|account|prescription"
    "|referral|form|signature|membership|credit card|card|registration|invitation|certificate|helmet|driving license|driver license)"
)
_ACCESS = "(code|promo code|discount code|voucher code|coupon code|coupon|voucher|promo|password|pin|pin code|username)"

_I = "(i|we|you|one|someone|somebody)"

_WITHIN = "(return|cancel|respond|reply|complain|appeal|apply|claim|register|exchange|dispute|submit|collect|withdraw)"

FRAMES = f"""
^i am (new|brand new|quite new) (here|to this|in town|to the company|to this city|at the company|) $ =
^(i have|i have got|i got) (a|one) (quick|short|small|simple|little|brief|) (question|query) $ =
^(maybe|perhaps|hopefully) (you|someone|somebody|anyone) can help (me|us|) $ =
^(i hope|hoping|hope) (you|someone|somebody|anyone) can help (me|us|) $ =
^(can|could) (you|someone|somebody|anyone) (please|) help (me|us|) (out|) $ =
^(please|) help (me|us|) out $ =
what is (required|needed|necessary) (to|in order to) = <how>
what is (required|needed|necessary) for = <what> i need for
^is (a|an) {_PAPER} (required|needed|necessary|mandatory) = <whether> i need $2
(send|sending|sends) back = return
sent back = returned
(key|type|put) in (a|an|the|my|your|this) {_ACCESS} = enter $3
(has|have|) (suddenly|just|) (stopped|quit) working = not work no-longer
when (will|do) i (get|receive) (my|the) (refund|money|parcel|package|order|delivery|invoice|card|results|tickets|certificate|payslip) = <when> i get i $4
what (do|must|should|can|would|could) {_I} (need to do|have to do|do) (if|when) {_I} (lose|lost|have lost) = <how> <act> if i lost
what to do (if|when) {_I} (lose|lost|have lost) = <how> <act> if i lost
what (do|must|should|can|would|could) {_I} (need to do|have to do|do) (if|when) {_I} (forget|forgot|have forgotten) = <how> <act> if i forgot
what to do (if|when) {_I} (forget|forgot|have forgotten) = <how> <act> if i forgot
if (i|we) (lose|lost|have lost) = if i lost
if (i|we) (forget|forgot|have forgotten) = if i forgot
if (i|we) (miss|missed|have missed) = if i missed
if (i|we) (break|broke|have broken) = if i broke
^(i|we) have (just|) lost = i lost
^(i|we) have (just|) forgotten = i forgot
(have|has) not (received|gotten) = did not receive
{_I} never (got|received|have received) (my|the) = $1 did not receive $3
(have|has) not arrived = did not arrive
stop (getting|receiving) (your|the|) (newsletter|newsletters) = unsubscribe from the $3
how much time do {_I} have to {_WITHIN} = <how-long> $2
(form|forms|method|methods|type|types|means) of payment = payment methods
payment (options|option|forms|types) = payment methods
(view|viewing) (my|our|the) = see $2
will not (load|boot|connect|sync|start|turn on|switch on) = not $1
why do not (i|we) (get|receive|see|find|have) any = <why> not i $2
bank (holiday|holidays) = public $1
^(can|could) you (ship|deliver) to = <whether> you $2 to
how much (is|are) (the|your) (fee|fees|fine|surcharge) = <what> $3
"""

SYNONYMS = """
"""
