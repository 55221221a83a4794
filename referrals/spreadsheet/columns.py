"""The columns a log may have, in the spellings people use. Pure; names are folded (`identifiers.plain`)."""

from enum import StrEnum


class Field(StrEnum):
    """What a column of a log can be about."""

    RECEIVED = "received"
    REFERENCE = "reference"
    ORGANISATION = "organisation"
    REFERRED_BY = "referred_by"
    NAME = "name"
    GIVEN = "given"
    FAMILY = "family"
    ALIAS = "alias"
    BORN = "born"
    AGE = "age"
    GENDER = "gender"
    NATIONALITY = "nationality"
    LANGUAGE = "language"
    PHONE = "phone"
    DISTRICT = "district"
    FOUND = "found"
    ADDRESS = "address"
    POSTCODE = "postcode"
    SETTING = "setting"
    KINDS = "kinds"
    PRIORITY = "priority"
    STORY = "story"
    OPENED = "opened"
    STATUS = "status"
    OUTCOME = "outcome"
    CLOSED = "closed"


#: What the report calls them.
FIELD_LABELS = {
    Field.RECEIVED: "Date received",
    Field.REFERENCE: "Reference in the log",
    Field.ORGANISATION: "Referring organisation",
    Field.REFERRED_BY: "Who referred",
    Field.NAME: "Name",
    Field.GIVEN: "First names",
    Field.FAMILY: "Family name",
    Field.ALIAS: "Other names",
    Field.BORN: "Date of birth",
    Field.AGE: "Age",
    Field.GENDER: "Gender",
    Field.NATIONALITY: "Nationality",
    Field.LANGUAGE: "Language",
    Field.PHONE: "Phone",
    Field.DISTRICT: "District",
    Field.FOUND: "Where they were met",
    Field.ADDRESS: "Address",
    Field.POSTCODE: "Postcode",
    Field.SETTING: "Setting",
    Field.KINDS: "Kind of exploitation",
    Field.PRIORITY: "Priority",
    Field.STORY: "Account",
    Field.OPENED: "Date triaged",
    Field.STATUS: "Open or closed",
    Field.OUTCOME: "Outcome",
    Field.CLOSED: "Date closed",
}
REQUIRED = (Field.RECEIVED, Field.ORGANISATION)
#: Several columns may hold these; their texts are joined.
JOINED = (Field.STORY,)

_COLUMNS = {
    Field.RECEIVED: "date received | received | date of referral | referral date | date referred | date | date in | "
    "received on | date logged | date recd | date rec d | ref date | date reported",
    Field.REFERENCE: "reference | ref | ref no | ref number | reference number | log no | log number | case number | "
    "case no | case ref | case reference | no | number | id | case id | unique id | urn",
    Field.ORGANISATION: "referring organisation | organisation | agency | referring agency | referrer organisation | "
    "referred by agency | referred from | source | source of referral | referral source | partner | org | "
    "reporting agency | partner agency",
    Field.REFERRED_BY: "referrer | referred by | referrer name | name of referrer | professional | officer | worker | "
    "contact name | lead officer | reported by",
    Field.NAME: "name | victim name | name of victim | victim | potential victim | pv name | pv | client | "
    "client name | victim name alias | full name | subject | person | name alias | names | "
    "name of pv | name of potential victim",
    Field.GIVEN: "first name | first names | forename | forenames | given name | given names",
    Field.FAMILY: "surname | family name | last name",
    Field.ALIAS: "alias | aka | known as | nickname | other names | also known as | street name",
    Field.BORN: "date of birth | dob | d o b | born | birth date",
    Field.AGE: "age | age group | adult child | adult or child | approx age | age at referral | child adult",
    Field.GENDER: "gender | sex | m f | male female",
    Field.NATIONALITY: "nationality | country of origin | country | nat",
    Field.LANGUAGE: "language | first language | language spoken | interpreter",
    Field.PHONE: "phone | telephone | tel | tel no | mobile | phone number | contact number | mobile no | victim phone",
    Field.DISTRICT: "district | borough | local authority | area | district borough | la | council area",
    Field.FOUND: "location | where found | place | location of exploitation | premises | venue | site | found at | "
    "where encountered | location found | location of encounter",
    Field.ADDRESS: "address | home address | current address | where staying | safe address | accommodation | "
    "victim address",
    Field.POSTCODE: "postcode | post code | home postcode",
    Field.SETTING: "setting | type of premises | sector | industry | premises type | business type | workplace",
    Field.KINDS: "type of exploitation | exploitation type | exploitation | type | kind of exploitation | ms type | "
    "type of ms | form of exploitation | type of slavery | category | nature of exploitation | exploitation types",
    Field.PRIORITY: "priority | urgency | risk | risk level | rag",
    Field.STORY: "summary | details | circumstances | notes | account | narrative | concerns | comments | "
    "description | case summary | background | what happened | update | updates | actions | action taken",
    Field.OPENED: "date triaged | triage date | date opened | opened | date allocated | date reviewed | triaged",
    Field.STATUS: "status | case status | open closed | current status",
    Field.OUTCOME: "outcome | result | disposal | final outcome | case outcome",
    Field.CLOSED: "date closed | closed | closure date | close date | closed on | date of closure | date finished",
}
COLUMNS = {name.strip(): column for column, names in _COLUMNS.items() for name in names.split("|")}
