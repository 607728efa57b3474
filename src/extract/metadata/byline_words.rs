//! Words that tell names of people from what else stands in a byline.

/// What a byline starts with, lower case; a longer one before its own beginning.
#[rustfmt::skip]
pub(super) const STARTS: &[&str] = &[
    "written and photographed by", "written by", "posted by", "published by", "reported by", "story by",
    "words by", "text by", "article by", "by", "authors", "author", "writer", "reporter", "geschrieben von",
    "ein kommentar von", "kommentar von", "eine analyse von", "eine kolumne von", "ein gastbeitrag von",
    "gastbeitrag von", "ein interview von", "interview von", "aus", "text von", "text", "autorin", "autoren",
    "autor", "von", "rédigé par", "publié par", "propos recueillis par", "par", "auteurs", "auteur",
    "escrito por", "publicado por", "redacción", "por", "scritto da", "pubblicato da", "a cura di", "autore",
    "di", "da", "geschreven door", "door", "av", "af", "skriven av", "tekst", "autorzy", "opracował",
    "opracowała", "oprac.", "przez", "napsal", "napsala", "szerző", "scris de", "de către", "yazan",
    "автор текста", "авторы", "автор", "автори", "текст", "від", "kirjoittanut", "teksti", "autorius",
    "parengė", "autors", "作者", "文", "記者", "기자", "biên tập",
];

/// Beginnings of a line of text that only a byline has, lower case.
#[rustfmt::skip]
pub(super) const BYLINE_STARTS: &[&str] = &[
    "written by ", "posted by ", "published by ", "reported by ", "story by ", "words by ", "text by ",
    "article by ", "by ", "by: ", "author: ", "authors: ", "von ", "von: ", "text: ", "text von ", "autor: ",
    "autorin: ", "ein kommentar von ", "gastbeitrag von ", "par ", "rédigé par ", "publié par ", "por ",
    "por: ", "escrito por ", "publicado por ", "autor/a: ", "di ", "scritto da ", "a cura di ", "door ",
    "geschreven door ", "af ", "av ", "tekst: ", "autorzy: ", "oprac. ", "автор: ", "автор ", "авторы: ",
    "автори: ", "текст: ", "від ", "napsal ", "作者", "文/", "記者", "記者／",
];

/// What stands between two names, with its spaces.
#[rustfmt::skip]
pub(super) const JOINERS: &[&str] = &[
    " and ", " und ", " et ", " y ", " e ", " och ", " og ", " en ", " ja ", " ir ", " un ", " i ", " ve ",
    " és ", " și ", " та ", " і ", " й ", " и ", " with ", " sowie ", " con ", " avec ", " mit ",
];

/// Words, lower case, that make a part of a byline a role, a place of work or a label.
#[rustfmt::skip]
pub(super) const ROLES: &[&str] = &[
    "reviewer", "coordinator", "consultant", "strategist", "expert", "engineer", "officer", "president",
    "head", "chief", "marketing", "therapist", "dietitian", "nurse", "md", "phd", "rn", "university", "by",
    "written", "post", "folgen", "mehr", "suivre", "seguir", "segui", "följ", "follow", "sagt", "says",
    "フォロー", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "montag",
    "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "lundi", "mardi", "mercredi",
    "jeudi", "vendredi", "samedi", "dimanche", "editor", "editors", "editor-in-chief", "editorial",
    "reporter", "reporters", "writer", "writers", "correspondent", "correspondents", "journalist",
    "journalists", "contributor", "contributors", "columnist", "staff", "author", "authors", "producer",
    "photographer", "analyst", "director", "manager", "founder", "ceo", "freelance", "freelancer",
    "specialist", "professor", "team", "redaktion", "redaktor", "redakteur", "redakteurin", "redakteure",
    "redaktionsleiter", "redaktionsleiterin", "chefredakteur", "chefredakteurin", "korrespondent",
    "korrespondentin", "reporterin", "autor", "autorin", "autoren", "kolumnist", "kolumnistin", "volontär",
    "volontärin", "ressortleiter", "ressortleiterin", "journalistin", "mitarbeiter", "mitarbeiterin",
    "rédaction", "rédacteur", "rédactrice", "journaliste", "correspondant", "correspondante", "redacción",
    "redactor", "redactora", "periodista", "corresponsal", "redazione", "giornalista", "inviato", "redactie",
    "redacteur", "verslaggever", "redaktör", "journalistiken", "redaksjonen", "toimittaja", "toimitus",
    "redakcja", "dziennikarz", "dziennikarka", "redaktorka", "redakce", "редакция", "редакція",
    "корреспондент", "кореспондент", "журналист", "журналіст", "журналістка", "редактор", "redakcija",
    "žurnalistas", "žurnalistė", "posts", "articles", "profile", "bio", "biography", "website", "email",
    "twitter", "facebook", "published", "updated", "posted", "min", "read", "minutes", "ago", "comments",
    "share", "view", "more", "all", "subscribe", "newsletter", "photo", "photos", "foto", "fotos", "image",
    "images", "copyright", "source", "quelle", "about", "archive",
];

/// What some papers put behind a name, lower case; a longer one before its own end.
pub(super) const RANKS: &[&str] = &["staff reporter", "staff writer", "reporter", "correspondent", "journalist"];

/// Words, lower case, that say what somebody reports on, or in what place: no names before a rank.
#[rustfmt::skip]
pub(super) const BEATS: &[&str] = &[
    "affairs", "arts", "assignment", "business", "city", "climate", "college", "county", "court", "courts",
    "crime", "culture", "data", "defence", "defense", "economics", "education", "entertainment", "environment",
    "estate", "europe", "fashion", "features", "finance", "food", "foreign", "general", "government", "guest",
    "health", "house", "international", "investigations", "investigative", "junior", "justice", "labor", "labour",
    "legal", "lifestyle", "local", "media", "medical", "metro", "money", "music", "national", "news", "our",
    "police", "political", "politics", "regional", "religion", "royal", "science", "security", "senior",
    "special", "sports", "state", "tech", "technology", "the", "transport", "travel", "trending", "trainee",
    "video", "war", "washington", "weather", "world",
];

/// Words, lower case, for those who write together.
pub(super) const GROUPS: &[&str] = &[
    "team",
    "staff",
    "editors",
    "redaktion",
    "rédaction",
    "redacción",
    "redazione",
    "redactie",
    "redakcja",
    "newsroom",
];

/// Names that stand for nobody, lower case.
#[rustfmt::skip]
pub(super) const NOBODY: &[&str] = &[
    "admin", "administrator", "webmaster", "user", "guest", "anonymous", "unknown", "none", "null",
    "undefined", "n/a", "author", "editor", "staff", "redaktion", "redaction", "redazione", "redacción",
    "redakcja", "editorial", "news", "newsroom", "web", "root", "default",
];

/// Wire services and press agencies, in comparable form without spaces.
#[rustfmt::skip]
pub(super) const AGENCIES: &[&str] = &[
    "dpa", "afp", "ap", "apa", "reuters", "associatedpress", "theassociatedpress", "agencefrancepresse",
    "efe", "ansa", "epd", "kna", "sid", "bloomberg", "upi", "pa", "pamedia", "pressassociation", "tass",
    "interfax", "xinhua", "kyodo", "yonhap", "pap", "čtk", "ctk", "mti", "ntb", "tt", "ritzau", "stt", "anp",
    "belga", "lusa", "keystonesda", "sda", "ats", "afx", "dts", "wire", "wireservice", "dpainfocom", "dpalno",
    "dpaafx", "prnewswire", "aap", "ians", "pti", "ani", "ukrinform", "bns", "elta", "leta", "tanjug", "hina",
    "agencies", "agenturen",
];

/// Little words inside names that need no capital.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "di", "del", "della", "der", "den", "van", "von", "zu", "zum", "zur",
    "la", "le", "el", "al", "bin", "ibn", "ter", "ten", "af", "av", "y", "e", "i", "vom", "du", "des", "bint",
    "te", "’t", "'t",
];
