// The teacher's pages: which one this is decides what starts.
import { startCockpit } from "./cockpit.js";
import { startDesk } from "./desk_forms.js";
import { startEntry } from "./entry_forms.js";
import { dropSecret, startEnter, startKeep, startNew } from "./lesson.js";
import { told } from "./say.js";

const starts = { cockpit: startCockpit, desk: startDesk, entry: startEntry, keep: startKeep, enter: startEnter, new: startNew };
if (told.page !== "enter") dropSecret();
starts[told.page]?.();
