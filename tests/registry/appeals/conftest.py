"""The hotel that appeals."""

from tests.registry.certification.conftest import hotel as hotel
from tests.registry.certification.conftest import taxis as taxis
