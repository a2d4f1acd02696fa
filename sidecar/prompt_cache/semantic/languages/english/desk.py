"""Everyday English: what customers, citizens and staff say to whoever serves them."""

_PAPER = (
    "(receipt|id|passport|ticket|appointment|password|license|permit|visa|reservation|booking|deposit|account|prescription"
    "|referral|form|signature|membership|credit card|card|registration|invitation|certificate|helmet|driving license|driver license)"
)
_ACCESS = "(code|promo code|discount code|voucher code|coupon code|coupon|voucher|promo|password|pin|pin code|username)"

_I = "(i|we|you|one|someone|somebody)"

_WITHIN = "(return|cancel|respond|reply|complain|appeal|apply|claim|register|exchange|dispute|submit|collect|withdraw)"

_ISSUED = "(pin|card|credit card|debit card|password|id|badge|passport|certificate|license|sim|sim card|router)"
_MEDICINE = "(antibiotics|ibuprofen|paracetamol|aspirin|medication|painkillers|statins|blood thinners|antidepressants)"

_REMEMBERED = "(pin|password|username|login|passcode|security question|user name|passphrase|email address)"
_JOINED = "(membership|entrance|entry|admission|registration|tuition|delivery|shipping|parking|enrollment|subscription)"

_FEE = (
    "(monthly|yearly|annual|late|booking|cancellation|cleaning|service|transaction|overdraft|setup|foreign transaction)"
)

_REACHED = "(landlord|manager|boss|doctor|host|seller|driver|customer service|customer support|support|support team|hr)"

FRAMES = f"""
^i am (new|brand new|quite new) (here|to this|in town|to the company|to this city|at the company|) $ =
^(i have|i have got|i got) (a|one) (quick|short|small|simple|little|brief|) (question|query) $ =
^(maybe|perhaps|hopefully) (you|someone|somebody|anyone) can help (me|us|) $ =
^(i hope|hoping|hope) (you|someone|somebody|anyone) can help (me|us|) $ =
^(can|could) (you|someone|somebody|anyone) (please|) help (me|us|) (out|) $ =
^(please|) help (me|us|) out $ =
what is (required|needed|necessary) (to|in order to) = <how>
what is (required|needed|necessary) for = <what> i need for
^is (a|an) {_PAPER} (required|needed|necessary|mandatory) = <whether> i need a $2
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
(raise|raising) (my|our|the) (credit|spending|transfer|withdrawal|overdraft|card|limit|price|prices|rent) = increase $2 $3
how (do|can|could|should) {_I} (request|order|get) (a|my) (new|replacement) {_ISSUED} = <how> get new $5
^(i|we) (want|need|would like) to (request|order|get) (a|my) (new|replacement) {_ISSUED} = <wish> get new $5
where (should|must|do) {_I} (have to|need to|) (send|mail|submit|return|register|report) = <where> $4
credit cards = creditcard
you take (credit cards|credit card) = you accept creditcard
you take (debit cards|cash|paypal|american express|amex|checks|cheques|apple pay|google pay|mastercard|gift cards) = you accept $1
^can (i|we|you|one) pay (by|with|using|via) (a|my|) (credit card|credit cards|creditcard) = <whether> you accept creditcard
^can (i|we|you|one) pay (by|with|in|using|via) (a|) (debit card|cash|paypal|american express|amex|check|cheque|apple pay|google pay|mastercard|gift card) = <whether> you accept $4
how much (luggage|baggage|hand luggage) (can|may) {_I} (take|bring|carry) = <how-many> $1 can i bring
how much (luggage|baggage|hand luggage) (am i|are we) (allowed|permitted) to (take|bring|carry) = <how-many> $1 can i bring
(access|get|view|see) (my|the) (test|blood|lab|blood test) results = get my $3 results
(while|when|if i am|when i am|while i am) (pregnant|breastfeeding|nursing|abroad|retired) = if i am $2
during pregnancy = if i am pregnant
while (taking|on|i am taking|i am on) {_MEDICINE} = with $2
(switch|switching|change|changing) (my|) (doctor|doctors|bank|banks|dentist|dentists|insurer|insurers|electricity supplier) = change my $3
(when|once|after) (i|we) (get|am|are) married = after marriage
after getting married = after marriage
(i|we) (can not|do not) remember (my|our|the) {_REMEMBERED} = i forgot $3 $4
{_JOINED} (fee|fees|charge|charges) = $1 cost
how late are (you|they) open = until <when> $1 open
(until|till) (what|which) time (is|are|do|does) = until <when>
how old (do|must) {_I} (have to|need to|) be = <what> minimum age
(crash|crashes|crashing) (all the time|constantly|repeatedly) = keep crash
(freeze|freezes|freezing) (all the time|constantly|repeatedly) = keep freeze
(restart|restarts|restarting) (all the time|constantly|repeatedly) = keep restart
(disconnect|disconnects|disconnecting) (all the time|constantly|repeatedly) = keep disconnect
(constantly|repeatedly) (crash|crashes|crashing|freeze|freezes|freezing|restart|restarts|restarting|disconnect|disconnects|disconnecting) = keep $2
(speak|speaking|talk|talking) with = $1 to
are there $ = exist
(i|we) (want|need|would like) (my|our|the) money back = <want> get-refund
^do you charge (a|an|any) {_FEE} (fee|fees) = <whether> exist $2 fee
(check|see|view) (my|our) (balance|account balance) = see my $3
(correct|correcting) (a|an|the|my) (mistake|error|typo) = fix $3
what (happens|will happen) with = <what> happen to
(visa|passport) (to go to|to enter|to travel to|to visit) = $1 for
when (do|must) {_I} (have to|need to) (file|submit|return|apply|register|cancel|renew) = until <when> $4
when must {_I} (file|submit|return|apply|register|cancel|renew) = until <when> $2
where (should|must|do) {_I} (have to|need to|) send back = <where> return
(reach|reaching) (my|the|your|our) {_REACHED} = contact $2 $3
bank (holiday|holidays) = public $1
^(can|could) you (ship|deliver) to = <whether> you $2 to
how much (is|are) (the|your) (fee|fees|fine|surcharge) = <what> $3
"""

SYNONYMS = """
nearest closest
synchronize sync
"""
