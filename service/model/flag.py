"""What is odd in a filing, though it can be used."""

from msgspec import Struct

from service.model.word import Word


class FlagCode(Word):
    """What is odd in a filing or a row, and what to look at. Nothing that a flag is about is ever repaired."""

    # of the document as it was read
    IMPOSSIBLE_DATE = "impossible-date", "A date lies before section 16 existed (1934), or after the signature"
    PHANTOM_VALUE = "phantom-value", "The row would be worth more than $100 billion: a box holds something else"
    NEGATIVE = "negative-number", "A count, price or value is less than 0"
    NO_SYMBOL = "no-symbol", "The issuer's trading symbol is missing, or is no symbol"
    ROW_CAP = "row-cap", "A table has the 30 rows that EDGAR accepts: the rest may stand in another filing"
    SIGNATURES = "signatures", "Owners and signatures differ in number"
    UNREADABLE_VALUE = "unreadable-value", "A box holds what its type does not allow"
    UNRECOGNISED = "unrecognised-element", "An element is unknown here, or stands there twice"
    DANGLING_FOOTNOTE = "dangling-footnote", "A footnote is cited that is not there"
    ENCODING = "encoding", "The document is not in the encoding that it names"
    MALFORMED = "malformed-xml", "The document is no well-formed XML, but can be meant in one way only"
    CREDENTIAL = "credential", "A text of the filing looks like a credential"
    # of a row, by what its boxes say together
    DIRECTION = "direction", "The code and the acquired/disposed box contradict each other"
    STRIKE_ZERO = "strike-zero", "The strike of an option is 0 with a footnote: the footnote has it"
    UNIT_STRIKE = "unit-strike", "Box 2 of a unit holds a number, most often the price of a share: units have no strike"
    PLACEHOLDER_DATE = "placeholder-date", "A date such as 08/08/1988 stands for its footnote"
    CURRENCY = "currency", "A footnote or the remarks say that the amount is not in US dollars"
    OTHER_UNIT = "other-unit", "The price is for another unit than the shares that are counted, such as an ADS"
    TRADE_AFTER_FILING = "trade-after-filing", "The trade is dated after its own filing"
    OLD_TRADE = "old-trade", "The trade is over a year older than its filing: very late, listed again, or a wrong year"
    ABSURD_PRICE = "absurd-price", "The price is above $1 million a share"
    TOTAL_IN_PRICE = "total-in-price", "The price box holds a total or a face value"
    COUNT_IN_VALUE = "count-in-value", "The box for a total value holds a number of securities"
    EXPIRY_BEFORE_TRADE = "expiry-before-trade", "The option or warrant expires no later than the trade"
    UNDERLYING_MISMATCH = "underlying-mismatch", "Options and the shares that underlie them are in no simple ratio"
    ZERO_SHARES = "zero-shares", "The row states 0 securities, and shares that underlie them"


class Flag(Struct, frozen=True, kw_only=True):
    """Something odd in the filing; it is reported, never repaired."""

    code: FlagCode
    message: str  # for a person
    where: str | None = None  # such as "Table I row 3"; None: the whole document
    box: str | None = None  # what rules take as unknown for it, such as transaction_price_per_share; None: nothing
