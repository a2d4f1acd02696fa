import type { IDataObject } from 'n8n-workflow';

/** In which money is shown, and what one dollar is in it. */
export interface Currency extends IDataObject {
	code: string;
	rate: number;
}

export const DOLLARS: Currency = { code: 'USD', rate: 1 };

/** The least that is written out; four digits are what is left of the price of one small call. */
const LEAST = 0.0001;

/** An amount in words, such as `$12.35`, `€0.0021` or `less than $0.0001`. */
export function amount(sum: number, code: string = DOLLARS.code): string {
	if (sum === 0) return written(0, code, 0);
	if (Math.abs(sum) < LEAST) return `less than ${written(LEAST, code, 4)}`;
	return written(sum, code, Math.abs(sum) < 1 ? 4 : 2);
}

/** Dollars in words, in the configured currency. */
export function money(usd: number, { code, rate }: Currency = DOLLARS): string {
	return amount(usd * rate, code);
}

function written(sum: number, code: string, digits: number): string {
	const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
	try {
		return sum.toLocaleString('en-US', {
			style: 'currency',
			currency: code,
			currencyDisplay: 'narrowSymbol',
			...fraction,
		});
	} catch {
		// A label that is none of the world's currencies, such as credits.
		return `${sum.toLocaleString('en-US', fraction)} ${code}`;
	}
}
