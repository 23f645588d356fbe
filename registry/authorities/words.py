"""What kinds, uses, lacks and channels are called, for the desk of whoever keeps authorities."""

from registry.authorities.directory import Offence
from registry.authorities.hotlines import Kind as LineKind
from registry.authorities.rules import Channel, Kind, Lack, Use
from registry.core.i18n import N_

KINDS = {
    Kind.POLICE: N_("Police unit"),
    Kind.CHILD_PROTECTION: N_("Child-protection service"),
    Kind.LABOUR_INSPECTORATE: N_("Labour inspectorate"),
    Kind.HOTLINE: N_("Hotline"),
    Kind.OMBUDSMAN: N_("Ombudsman"),
}
OFFENCES = {
    Offence.SEXUAL_EXPLOITATION: N_("Sexual exploitation of children and adolescents"),
    Offence.ABUSE_MATERIAL: N_("Material that shows their sexual abuse"),
    Offence.TRAFFICKING: N_("Trafficking of children and adolescents"),
    Offence.CHILD_LABOUR: N_("Child labour"),
    Offence.OTHER_VIOLENCE: N_("Other violence against them"),
}
USES = {
    Use.WORKING: N_("Working key"),
    Use.RECOVERY: N_("Recovery key"),
    Use.SIGNING: N_("Signing key of the agent"),
}
CHANNELS = {
    Channel.PHONE: N_("By telephone, to a number we already had"),
    Channel.VIDEO: N_("In the recorded video call"),
    Channel.IN_PERSON: N_("In person"),
    Channel.LETTER: N_("By a signed letter"),
}
LACKS = {
    Lack.WORKING_KEYS: N_("Two working keys, each opened with in the call"),
    Lack.RECOVERY_KEY: N_("One recovery key, opened with in the call"),
    Lack.SIGNING_KEY: N_("The signing key of its agent"),
    Lack.TWO_HOLDERS: N_("Two different holders of the working keys"),
    Lack.RECOVERY_HOLDER: N_("A holder of the recovery key who holds no working key"),
    Lack.READ_BACK: N_("Fingerprints read back for every key"),
    Lack.AGREEMENT: N_("An agreement in force"),
    Lack.COMPETENCE: N_("The places it answers for"),
}
LINES = {
    LineKind.EMERGENCY: N_("Emergency"),
    LineKind.CHILD_PROTECTION: N_("Child protection"),
    LineKind.POLICE: N_("Police"),
    LineKind.LISTENING: N_("Listening line for adolescents"),
    LineKind.DEAF: N_("For deaf people"),
    LineKind.OTHER: N_("Another"),
}
DONE = {
    "registered": N_(
        "The authority is enrolled. It is open nowhere until nothing is lacking and the custodians signed."
    ),
    "amended": N_("The record is written. What is served changes with the next signed directory."),
    "key": N_("The key is recorded. Now its holder reads the fingerprint and opens the test, in this call."),
    "read": N_("The fingerprint is the one of our key."),
    "proven": N_("The test was opened: the holder has this key."),
    "asked": N_("There is a new test. It is answered in this call."),
    "revoked": N_("The key is out of the next directory. Have it signed today: the old one is still served."),
    "agreement": N_("The agreement is recorded."),
    "contact": N_("The contact is recorded. It counts once somebody answered there."),
    "confirmed": N_("The contact is confirmed."),
    "number": N_("The duty number was read back. An urgent report rings it."),
    "ended": N_("The contact is ended. Nothing is sent there any more."),
    "invited": N_("The letter is on its way. Its link works once, for fourteen days."),
    "taken-back": N_("The invitation was taken back. Its link no longer works."),
    "role-ended": N_("The role has ended. It stopped working at once."),
    "added": N_("The line is on every page of its place."),
    "rung": N_("The day is kept: the line was rung today."),
    "retired": N_("The line is off every page."),
}
