// Every page is whole without this: it adds charts to tables of numbers, sorts tables in place, and copies.
import { drawCharts } from './charts';
import { copyOnClick } from './copying';
import { sortInPlace } from './sorting';

drawCharts();
sortInPlace();
copyOnClick();
