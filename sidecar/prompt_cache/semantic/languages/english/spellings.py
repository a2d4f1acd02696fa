"""English as it is written: contractions, and ways to spell a word."""

CONTRACTIONS = """
friendlier = more friendly
politer = more polite
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
what'll = what will
who'll = who will
that'll = that will
there'll = there will
when'll = when will
who've = who have
who'd = who would
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

SPELLINGS = """
aluminum aluminium
received recieved
receiving recieving
definition defintion definiton defenition
shipping shiping shippping
cancel cancell
delivery delivary delievery devlivery
necessary neccesary
password passwrod
subscription subscribtion subcription subscripton
insurance insurence
maintenance maintenence
management managment
language languge
length lenght
height heigth
because becasue
recommend recomend reccomend
difference diference differance
different diffrent diferent
accommodation accomodation acommodation
employee employe emploee
schedule schedual
appointment appoitment apointment appointement
possible posible
request reqeust
website webiste
temperature temprature temperture
medicine medecine
restaurant restaraunt resturant
vacation vaccation
guarantee guarentee
warranty waranty warrenty
ebook e-book
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
which wich whcih
that taht
and adn
next nxet
how hwo
cancel cancle
definitely definately definatly
occurred occured
until untill
tomorrow tommorow tomorow tommorrow
wednesday wensday
february febuary
calendar calender
environment enviroment
government goverment
because becuase beacuse
language langauge
install instal insatll
message mesage
email emial
receipt reciept recipt
schedule shcedule shedule
database databse
function funciton fucntion
return retrun
python pyhton
download downlaod dowload
upload uplaod
change chnage chagne
delete delte deleet
update udpate
connection connexion conection
available availible avaliable availabe
necessary neccessary necesary
guarantee garantee gaurantee
maintenance maintainance
business bussiness buisness
account acount accout
successful succesful sucessful
immediately immediatly
refund refudn
writing writting
what waht
checkout check-out
login log-in
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
