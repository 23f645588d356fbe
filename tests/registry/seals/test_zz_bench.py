import time
from datetime import datetime
from uuid import UUID
import pytest
from registry.access.actor import SYSTEM
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.db import execute
from registry.seals import service, outside, queries
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON
pytestmark = pytest.mark.anyio
async def test_b(db: None, context: Context, now: datetime) -> None:
    here = await scene.taxis(now, await scene.opened(now), 545)
    await execute("UPDATE client SET province = (ARRAY['CR-SJ','CR-A','CR-P','CR-G','CR-L','CR-H','CR-C'])[1 + (random()*6)::int]")
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    case = await scene.group_reviewed(now, here)
    await certification.decide(DORA, now, case, scene.Decide(decision=scene.Decision.GRANT, reason=REASON))
    import cProfile, pstats
    q=cProfile.Profile(); q.enable(); t=time.time(); await service.issue(SYSTEM, now, context, case); u=time.time(); q.disable()
    import hashlib; a=time.time(); [__import__('registry.seals.snapshot').seals.snapshot.plate_tag('A%d'%i) for i in range(50)]; print('tag ms',(time.time()-a)/50*1e3)
    p=cProfile.Profile(); 
    await service.publish(SYSTEM, now, context); v=time.time()
    await service.suspend(SYSTEM, now, case, [here.units[3]]); w=time.time()
    p.enable()
    await service.publish(SYSTEM, now, context); x=time.time()
    p.disable()
    f=await outside.audit(context.published.get); y=time.time()
    print(f"\nissue {u-t:.2f} publish {v-u:.2f} suspend {w-v:.3f} publish1 {x-w:.3f} audit {y-x:.2f}", f.wrong, f.seals)
    pstats.Stats(q).sort_stats('cumtime').print_stats(25)
