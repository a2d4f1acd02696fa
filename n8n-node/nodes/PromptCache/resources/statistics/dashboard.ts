import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { CREDENTIAL } from '../../../../shared/transport';
import { tell } from '../../notices';

/** What the dashboard calls the periods that it has too. */
const PERIODS: Record<string, string> = { day: 'today', week: '7d', month: '30d' };

const ADDRESS = /^https?:\/\/[^\s"<>]+$/;

/** Point, in the editor, to the page that shows the same in pictures. */
export async function linkToDashboard(
	context: IExecuteFunctions,
	period: string,
	filters: IDataObject,
): Promise<void> {
	const { baseUrl } = await context.getCredentials<{ baseUrl: string }>(CREDENTIAL);
	const address = baseUrl.replace(/\/+$/, '');
	if (!ADDRESS.test(address)) return;
	const query = Object.entries({ period: PERIODS[period], ...filters }).flatMap(([name, value]) =>
		value === undefined ? [] : `${name}=${encodeURIComponent(String(value))}`,
	);
	const link = `${address}/${query.length > 0 ? `?${query.join('&')}` : ''}`;
	tell(context, `<a href="${link}" target="_blank">See the same in the dashboard</a>`, 'info');
}
