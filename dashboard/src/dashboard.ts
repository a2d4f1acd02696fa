// Every page is whole without this: it adds charts to tables of numbers, sorts tables in place,
// copies, and tries thresholds.
import { drawCharts } from './charts';
import { copyOnClick } from './copying';
import { sortInPlace } from './sorting';
import { tryThresholds } from './thresholds';

drawCharts();
sortInPlace();
copyOnClick();
tryThresholds();
