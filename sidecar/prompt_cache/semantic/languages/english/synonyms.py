"""English words of one meaning, and words that tell two questions apart."""

ADVERBS = """
permanently temporarily automatically manually quickly slowly safely securely properly correctly efficiently completely
directly immediately easily programmatically remotely locally globally individually separately anonymously recursively
asynchronously dynamically legally officially successfully together simply daily weekly monthly yearly online offline abroad
"""

SYNONYMS = """
delete remove erase deletion removal
buy purchase acquire
begin start commence
fix repair mend
extra additional
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
terminate end termination
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
retrieve fetch
mandatory obligatory compulsory
terrible awful horrible
pleased glad happy
mom mother
dad father
grandma grandmother
grandpa grandfather
bike bicycle
ad advert advertisement
lab laboratory
international intl
newbie beginner
attachment enclosure
tummy stomach
vaccine vaccination
"""

ANTONYMS = """
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

ACTIONS = """
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
