// The worker that derives a code beside the page: half a second on a desk, some seconds on a cheap phone, and meanwhile
// whoever writes can go on writing. It is told one code, answers once, and is ended.
import { derive } from "./code.js";

onmessage = async ({ data: [code, label] }) => postMessage(await derive(code, label));
