"""What a door or a job is handed: configuration, stores, keys, letters and the clock. Nothing here is global."""

import msgspec

from registry.config import Config
from registry.core.clock import Clock, utc_now
from registry.core.keyring import Keys
from registry.core.mail import Mail
from registry.core.storage import Storage
from registry.core.telephone import Telephone


class Context(msgspec.Struct, frozen=True):
    """The house as its doors and jobs see it."""

    config: Config
    storage: Storage
    """Private files: uploaded lists, evidence, signed terms."""
    published: Storage
    """Public files: anybody may fetch, verify and mirror them."""
    keys: Keys
    mail: Mail
    telephone: Telephone
    clock: Clock = utc_now
