// What another threshold would serve, told while it is moved; the form asks the server for the same.
interface Near {
	similarity: number;
	refused: boolean;
	amount: number;
}

export function tryThresholds(): void {
	for (const section of document.querySelectorAll<HTMLElement>('[data-thresholds]')) {
		const range = section.querySelector<HTMLInputElement>('input[type=range]');
		const number = section.querySelector<HTMLInputElement>('input[type=number]');
		if (!range || !number) continue;
		const near = [...section.querySelectorAll<HTMLElement>('data[data-similarity]')].map(read);
		range.hidden = false;
		const show = (from: HTMLInputElement, to: HTMLInputElement) => () => {
			to.value = from.value;
			if (from.value !== '') tell(section, near, Number(from.value));
		};
		range.addEventListener('input', show(range, number));
		number.addEventListener('input', show(number, range));
	}
}

function read(told: HTMLElement): Near {
	const { similarity, refused, amount } = told.dataset;
	return { similarity: Number(similarity), refused: Boolean(refused), amount: Number(amount) };
}

function tell(section: HTMLElement, near: Near[], threshold: number): void {
	const { locale, currency } = section.dataset;
	const similar = near.filter((each) => each.similarity >= threshold);
	const served = similar.filter((each) => !each.refused);
	const amount = served.reduce((sum, each) => sum + each.amount, 0);
	const count = new Intl.NumberFormat(locale);
	const money = new Intl.NumberFormat(locale, { style: 'currency', currency: currency ?? 'USD' });
	const told: Record<string, string> = {
		served: count.format(served.length),
		refused: count.format(similar.length - served.length),
		money: money.format(amount),
	};
	for (const [name, text] of Object.entries(told)) {
		const place = section.querySelector(`[data-told="${name}"]`);
		if (place) place.textContent = text;
	}
	const settings = section.querySelector('pre');
	if (settings)
		settings.textContent = settings.textContent?.replace(/(threshold: ).*/, `$1${threshold}`) ?? '';
}
