"""The promises of tests/scripts/report/report.txt are kept."""

from pathlib import Path

from tests.public_site.report_form.test_routes import Visit, visit  # noqa: F401  fixture
from tests.scripts import runner

SCRIPT = Path(__file__).parents[2] / "scripts" / "report" / "report.txt"


async def test_the_pages_of_a_report_say_what_the_script_says(visit: Visit) -> None:  # noqa: F811  a fixture
    for step in runner.read(SCRIPT):
        await runner.play(step, visit.http)
