"""What is known of a language: blocks of words, a class or a rule a line.

A file per language fills a `Language`. Words are written in lower case, with their accents, as people write them; a block's lines
may stand in any order unless told otherwise. The rule for every block: a line must be safe in *whatever* text it is met; where
it is not, leave it out. A missed hit costs a call, a wrong one costs trust.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import Stemmer

QUESTIONS = frozenset(
    "<how> <what> <why> <when> <where> <who> <whose> <which> <how-much> <how-many> <how-long> <how-often> <how-far> <how-old>"
    " <what-time> <what-day> <what-year> <give> <want> <wish> <whether> <can> <possible> <may> <must> <about> <ask> <be> <act>".split()
)
"""Kinds of question, the same in all languages; the right side of a phrase names them. `<whether>`: is it so; `<can>`: can
I; `<possible>`: is it possible; `<may>`: is it allowed; `<must>`: is it needed; `<give>`, `<want>`, `<wish>`: give me, I want a, I want to; `<ask>`: I wonder, which says nothing, but makes
an `if` behind it a question; `<be>` behind another: the passive, `how is it made` is `how do I make it`; `<act>` behind `<how>`: what shall I do. A text without any is a request, or a bare topic."""

OPERATORS = ("negation", "quantity", "modality", "time", "place", "comparison", "person", "link", "date")
"""Kinds of small words that change what is asked: no, all, must, before, into, more, you, if, tomorrow."""


@dataclass(frozen=True, eq=False)
class Language:
    """One language."""

    code: str
    """Its code, as wordfreq and text2num name it: `en`."""
    stem: Callable[[str], str]
    """What the inflected forms of one word have in common, and no other word has: `cancels` is `cancel`, an employer no
    employee. Safe to share between threads."""
    contractions: str = ""
    """`don't = do not`: what a written word stands for. Read before all else."""
    spellings: str = ""
    """`color colour`: ways to write one word, its usual misspellings among them; each is read as the first."""
    fillers: str = ""
    """Words that say nothing wherever they stand: please."""
    phrases: str = ""
    """`pattern = replacement`: what several words say together. In a pattern `(a|b c|)` are alternatives, an empty one is left
    out; `^` before it: only where a sentence or its main clause
    begins, `^^`: only there and behind an `<ask>`, `$` behind it: only where one ends. The replacement is words, a kind of
    question, or nothing. The longest match wins, wherever its line stands; what has been replaced is not read again,
    but what follows a replacement by nothing at the start of a sentence still stands at its start."""
    droppable: str = ""
    """Function words without a meaning of their own: articles, auxiliaries, the copula."""
    first_person: str = ""
    """I, me, my, we, our: whoever asks. Where nobody else is spoken of, they may as well be left out."""
    to_me: str = ""
    """Those of `first_person` that say to whom it is done: me, us. Never left out: my bank contacts me, or I contact it."""
    own: str = ""
    """Those that say whose a thing is, where it is that of who asks or of who is asked: my, our, your."""
    operators: Mapping[str, str] = field(default_factory=dict)
    """By kind, one of OPERATORS: lines of words of one meaning, `without w/o`. Compared one by one, never dropped. `person`:
    all but the first. `time`: before, after, until, already, and `<past>` `<future>` for auxiliaries that say so. `place`:
    prepositions and particles. `link`: if, because, and, or. `date`: today, tomorrow."""
    past: Callable[[str], bool] = lambda _: False
    """Whether a word's form says that something is done already: `cancelled`. It does not mean the same as `cancel`."""
    arrange: Callable[[list[str]], list[tuple[str, int]]] | None = None
    """Puts the words of a sentence into the order that the phrases expect, each with the place where it stood: German's verbs
    stand in two. It gets "," where a comma stands, "" where no word does, and "?" last where it is asked; what it adds stands where
    another word did."""
    synonyms: str = ""
    """`delete remove erase`: words of one meaning in every sentence, in their plain form; inflected ones follow by `stem`."""
    antonyms: str = ""
    """`enable activate / disable deactivate`: words that tell two questions apart, in their plain form."""
    actions: str = ""
    """Verbs with which requests begin, in their plain form: what stands behind one is its object. `reset password` and
    `password reset` are the same where `reset` is among them."""
    owners: str = ""
    """Words between a thing and whose it is, `of`: `capital of France` is read as `France capital`. `'s`, where the language
    has it, needs no naming."""
    owned: str = ""
    """Things behind which the words of `loose_owners` mean no more than `of`: the price *for* a room."""
    loose_owners: str = ""
    """for, to: see `owned`."""
    attached: str = ""
    """`on / rate fee`: as `loose_owners` and `owned`."""
    deeds: str = ""
    """change, cancellation: nouns for what is done, behind a thing: an `address change` is `how do I change my address`."""
    dated: str = ""
    """`expiry-date = expire`: by line what phrases read in `what is the expiry date of`, and the verb in `when does it expire`."""
    having: str = ""
    """has, contain: behind a thing at the end of a question for what belongs to it. `what symptoms does flu have` is read as
    `what are the symptoms of flu`."""
    passive_by: str = ""
    """The word before whoever does it, in the passive: by."""
    gerund: str = ""
    """-ing: the ending of a verb that stands for what one does."""
    permission: str = ""
    """`can bring / allowed permitted`: `are guests allowed to park` is read as `can guests park`, `are dogs allowed` as `can I
    bring dogs`."""
    included: str = ""
    """`in with / include contain`: `is it included in the price` is read as `does the price include it`."""
    available: str = ""
    """`exist available`: `is parking available` is read as `is there parking`, which phrases have as the first."""
    possible: str = ""
    """possible: `is paying by card possible` is read as `is it possible to pay by card`."""
    services: str = ""
    """ship, repair: what is done for others, so that `do you repair` is `do you offer repairing`."""
    judged: str = ""
    """dangerous, safe: what may be said of doing something: `is it safe to eat`, `is eating it safe`."""
    residing: str = ""
    """What is read in `does the hotel have a pool` where `is there a pool at the hotel` has a word of place."""
    distance: str = ""
    """`distance between and from to`: `how far is A from B` is read as `what is the distance between A and B`."""
    lasting: str = ""
    """`take must time`: `how long does it take for paint to dry` is read as `how long must paint dry`."""
    replacing: str = ""
    """`replace with by / use instead`: `replace A with B` is read as `use B instead of A`."""
    measures: str = ""
    """`in / word sentence page`: `a 50-word text` is read as `a text in 50 words`."""
    measuring: str = ""
    """as, with: read as the first of `measures` before a number of those: as 3 sentences, with 12 characters."""
    conversion: str = ""
    """`convert to in`: `how many miles are in 2 km`, `what is 2 km in miles` are read as `convert 2 km to miles`."""
    ideas: str = ""
    """`need want / ideas tips`: what anybody may give, so that `give me ideas` is read as `I need ideas`."""
    explaining: str = ""
    """`to for`: `explain it to a child` is read as `explain it for a child`, where `form` has the child."""
    giving: str = ""
    """give, suggest: as good as one another before a number of things: suggest five books."""
    summary: str = ""
    """summary: `give me a summary of it` is read as `summarize it`, which `synonyms` have as one."""
    advised: str = ""
    """should: may be left out of `what size should I buy`."""
    obliged: str = ""
    """must: may be left out of `how many must I buy`."""
    each: str = ""
    """`day = daily`: `how much do I drink a day` is read as `how much do I drink daily`."""
    responsible: str = ""
    """responsible: `who is responsible for approving it` is read as `who approves it`."""
    afterwards: str = ""
    """after: `after I have booked` is read as `after booking`."""
    written: str = ""
    """`write email letter`: what is asked to be written where it is but named, or wanted: `a short letter to my boss`."""
    adverbs: str = ""
    """Words that may stand anywhere in their sentence: permanently."""
    implied: str = ""
    """`<what> mean`: by kind of question, words that may be left out at its end, as in `what does X mean`."""
    alike: str = ""
    """`in using`: small words in the same place that are as good as one another where nothing else differs, though not always."""
    alike_named: str = ""
    """`in with`: two small words that are as good as one another before a name: in Jest, with Jest."""
    compounding: str = ""
    """in, for: small words between a thing and another that may as well stand before it: ideas for a party, party ideas."""
    infinitive: str = ""
    """to: may be left out before one of `actions`, as in `a query that counts` and `a query to count`."""
    most: str = ""
    """`best -est`: words, and endings of words, that say which one has the most of something."""
    beside_no: str = ""
    """yet: says nothing beside a no."""
    condition: str = ""
    """if: what is read between `what should I do`, which phrases read as `<how> <act>`, and the sentence before it."""
    pasted: str = ""
    """`this following / text sentence`: of each side a word, which together say in the first sentence of a request that what
    follows it is but its matter."""
    price: str = ""
    """What may be left out behind `<how-much>`: price, cost; all of one class in `synonyms`."""
    both_ways: str = ""
    """Words behind which `A and B` may as well be `B and A`: between, compare, difference."""
    ands: str = ""
    """and, or, versus: what joins A with B."""
    against: str = ""
    """with, to: what joins A with B behind one of `both_ways` at the start of a request: compare A with B."""
    differing: str = ""
    """different, differ: what is said of one thing, with one of `owners` or a preposition, that is not like another."""
    difference: str = ""
    """`difference between and`: the words for it, which `how does A differ from B` is read as."""
    clauses: str = ""
    """Words that begin a phrase which may stand in front, before a comma, as well as at the end, besides operators of time,
    place and link: without."""
    free: bool = False
    """Whether a phrase may stand before a thing as well as behind it, since things are single words: `in Python Texte lesen`."""
    number_words: str = ""
    """Words of which number words consist; text2num reads them, this only says where."""
    ordinals: str = ""
    """`first 1st`: ordinal words, with the number as their first digits."""
    units: str = ""
    """`kilometre kilometer km`: units and currencies, as they stand beside numbers; each is read as the first."""
    months: str = ""
    """Twelve lines, January first: names and abbreviations."""
    weekdays: str = ""
    """Seven lines, Monday first."""
    spelled: str = ""
    """Words of questions about how something is written: spell, plural, translate. There, no form of a word is another."""
    form: str = ""
    """Words that say what the answer shall look like: table, JSON, sentence, short, French. Only which guard tells of a
    difference depends on them."""
    protected: str = ""
    """Words that `stem` shall leave as they are: marketing."""
    names_by_capital: bool = True
    """Whether a capital inside a sentence means a name."""

    @cached_property
    def words(self) -> "Words":
        """The blocks, ready to be looked up."""
        return Words(self)


class Trie:
    """What may come next in a phrase, and what those say that end here."""

    def __init__(self) -> None:
        self.next: dict[str, Trie] = {}
        self.says: tuple[str, ...] | None = None

    def insert(self, words: list[str], says: tuple[str, ...]) -> None:
        """Of two that are alike the first counts."""
        at = self
        for word in words:
            at = at.next.setdefault(word, Trie())
        at.says = says if at.says is None else at.says


class Words:
    """A language's blocks as tables."""

    def __init__(self, of: Language) -> None:
        self.protected = frozenset(of.protected.split())
        self.contractions = dict(_rules(of.contractions))
        self.spellings = {other: first for first, *others in lines(of.spellings) for other in others}
        self.fillers = frozenset(of.fillers.split())
        self.droppable = frozenset(of.droppable.split())
        self.first_person = frozenset(of.first_person.split())
        self.to_me = frozenset(of.to_me.split())
        self.own = frozenset(of.own.split())
        self.operators: dict[str, tuple[str, str]] = {
            word: (kind, first)
            for kind, block in of.operators.items()
            for first, *others in lines(block)
            for word in (first, *others)
        }
        self.no = next((first for first, *_ in lines(of.operators.get("negation", ""))), "")
        """The key of the plainest no: not."""
        self._stem = of.stem
        self.classes = {self.stem(word): self.stem(line[0]) for line in lines(of.synonyms) for word in line}
        self.opposites: dict[str, frozenset[str]] = {}
        """By key, the keys that it is told apart from."""
        for one, other in (pair for line in of.antonyms.splitlines() for pair in self._opposites(line)):
            self.opposites[one] = self.opposites.get(one, frozenset()) | {other}
        self.actions = self._keys(of.actions)
        self.owners = frozenset(of.owners.split())
        self.owned = self._keys(of.owned)
        self.loose_owners = frozenset(of.loose_owners.split())
        attaching, _, attached = of.attached.partition("/")
        self.attaching, self.attached = frozenset(attaching.split()), self._keys(attached)
        self.deeds = frozenset(of.deeds.split())
        self.dated = dict(_rules(of.dated))
        self.having = frozenset(of.having.split())
        self._gerund = of.gerund.lstrip("-")
        permission, _, permitted = of.permission.partition("/")
        self.can, self.bring = permission.split() or ("", "")
        self.permitted = self._keys(permitted)
        behind, _, including = of.included.partition("/")
        self.included_in, self.including = frozenset(behind.split()), self._keys(including)
        self.exist, *available = of.available.split() or [""]
        self.available = self._keys(" ".join(available))
        self.possible, self.services = self._keys(of.possible), self._keys(of.services)
        self.judged = self._keys(of.judged)
        self.each = dict(_rules(of.each))
        self.measured_in, *measures = of.measures.replace("/", " ").split() or [""]
        self.measures, self.summary = self._keys(" ".join(measures)), self._keys(of.summary)
        self.measuring, self.giving = frozenset(of.measuring.split()), self._keys(of.giving)
        needing, _, ideas = of.ideas.partition("/")
        self.needing, self.ideas = self._keys(needing), frozenset(ideas.split())
        self.conversion, self.explaining = of.conversion.split(), of.explaining.split()
        self.residing = of.residing
        self.distance, self.lasting = of.distance.split(), of.lasting.split()
        replacing, _, using = of.replacing.partition("/")
        self.replace, *self.replaced_by = replacing.split() or [""]
        self.using = using.split()
        self.responsible = self._keys(of.responsible)
        self.advised, self.obliged = frozenset(of.advised.split()), frozenset(of.obliged.split())
        self.afterwards = frozenset(of.afterwards.split())
        self.write, *texts = [self.key(word) for word in of.written.split()] or [""]
        self.written = frozenset(texts)
        self.passive_by = frozenset(of.passive_by.split())
        self.adverbs = self._keys(of.adverbs)
        self.implied = {tag: self._keys(" ".join(others)) for tag, *others in lines(of.implied)}
        self.alike: dict[str, frozenset[str]] = {}
        for line in lines(of.alike):
            for one, other in product(map(self._operator_or_key, line), repeat=2):
                self.alike[one] = self.alike.get(one, frozenset()) | {other}
        self.alike_named = frozenset(map(self._operator_or_key, of.alike_named.split()))
        self.compounding = frozenset(map(self._operator_or_key, of.compounding.split()))
        self.infinitive = frozenset(of.infinitive.split())
        self._most = tuple(of.most.split())
        self.beside_no = frozenset(of.beside_no.split())
        self.condition = of.condition
        self.pasted = (
            {f"{one} {other}" for one, other in product(*(side.split() for side in of.pasted.split("/")))}
            if of.pasted
            else set()
        )
        self.price = self._keys(of.price)
        self.both_ways = self._keys(of.both_ways) | frozenset(of.both_ways.split())
        self.against = frozenset(of.against.split())
        self.differing = self._keys(of.differing)
        self.difference = of.difference.split()
        self.ands = frozenset(of.ands.split())
        self.clauses = frozenset(of.clauses.split())
        self.number_words = frozenset(of.number_words.split())
        self.ordinals = {word: "".join(filter(str.isdigit, number)) for word, number in lines(of.ordinals)}
        self.units = {word: line[0] for line in lines(of.units) for word in line}
        self.free = of.free
        self.months = {word: number for number, line in enumerate(lines(of.months), 1) for word in line}
        self.weekdays = {word: number for number, line in enumerate(lines(of.weekdays), 1) for word in line}
        self.spelled = self._keys(of.spelled)
        self.form = self._keys(of.form)
        self.function_words = self.droppable | self.first_person | self.fillers | self.operators.keys()
        self.phrases = (Trie(), Trie(), Trie())
        """Patterns that may stand anywhere, those for the start of a sentence alone, those for the start behind `<ask>`."""
        for pattern, replacement in _rules(of.phrases):
            words = pattern.lstrip("^")
            for written, chosen in _alternatives(words):
                self.phrases[len(pattern) - len(words)].insert(written.split(), _filled(replacement, chosen))

    def stem(self, word: str) -> str:
        return word if word in self.protected else self._stem(word)

    def is_most(self, word: str) -> bool:
        """Whether it says which one has the most of something: cheapest."""
        return any(word.endswith(known[1:]) if known[0] == "-" else word == known for known in self._most)

    def belongs(self, word: str, thing: str) -> bool:
        """Whether the word behind a thing of this key says no more than whose it is."""
        return (word in self.loose_owners and thing in self.owned) or (
            word in self.attaching and thing in self.attached
        )

    def is_gerund(self, word: str) -> bool:
        return bool(self._gerund) and word.endswith(self._gerund) and self.stem(word) != word

    def negates(self, key: str) -> bool:
        """Whether the operator of this key says no."""
        return self.operators.get(key, ("",))[0] == "negation"

    def begins_clause(self, word: str) -> bool:
        """Whether a phrase that begins with it may stand in front of its sentence as well as at its end."""
        return word in self.clauses or self.operators.get(word, ("",))[0] in ("place", "time", "link")

    def key(self, word: str) -> str:
        """What words of one meaning have in common."""
        stem = self.stem(word)
        return self.classes.get(stem, stem)

    def _operator_or_key(self, word: str) -> str:
        return self.operators[word][1] if word in self.operators else self.key(word)

    def _keys(self, block: str) -> frozenset[str]:
        return frozenset(map(self.key, block.split()))

    def _opposites(self, line: str) -> Iterator[tuple[str, str]]:
        sides = [side.split() for side in line.split("/")]
        for here, there in ((a, b) for a in sides for b in sides if a is not b):
            yield from product(map(self._operator_or_key, here), map(self._operator_or_key, there))


def lines(block: str) -> list[list[str]]:
    """The words of each line that has any."""
    return [line.split() for line in block.splitlines() if line.strip()]


def snowball(language: str) -> Callable[[str], str]:
    """Snowball's stemmer of this language; its objects are not safe to share, so that each thread has its own."""
    own = threading.local()

    def stem(word: str) -> str:
        try:
            stemmer = own.stemmer
        except AttributeError:
            stemmer = own.stemmer = Stemmer.Stemmer(language, 0)
        return str(stemmer.stemWord(word))

    return stem


def _rules(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        if line.strip():
            left, _, right = line.partition("=")
            yield left.strip(), right.strip()


def _alternatives(pattern: str) -> Iterator[tuple[str, list[str]]]:
    """`a (b|c|)` as `a b`, `a c` and `a`, each with what was chosen of its brackets."""
    parts = [part.split("|") for piece in pattern.split("(") for part in piece.split(")", 1)]
    return ((" ".join(chosen), list(chosen[1::2])) for chosen in product(*parts))


def _filled(replacement: str, chosen: list[str]) -> tuple[str, ...]:
    for number, words in enumerate(chosen, 1):
        replacement = replacement.replace(f"${number}", words)
    return tuple(replacement.split())
