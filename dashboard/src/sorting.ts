// A table that is shown whole is sorted where it stands; the link would have asked the server for the same.
export function sortInPlace(): void {
	for (const table of document.querySelectorAll<HTMLTableElement>('table[data-sortable]')) {
		const heads = [...table.querySelectorAll<HTMLTableCellElement>('thead th')];
		heads.forEach((head, at) => {
			const link = head.querySelector<HTMLAnchorElement>('a');
			link?.addEventListener('click', (event) => {
				if (event.ctrlKey || event.metaKey || event.shiftKey) return;
				event.preventDefault();
				const first = head.dataset.first === 'ascending' ? 'ascending' : 'descending';
				const other = first === 'ascending' ? 'descending' : 'ascending';
				const order = head.getAttribute('aria-sort') === first ? other : first;
				heads.forEach((each) => each.removeAttribute('aria-sort'));
				head.setAttribute('aria-sort', order);
				sort(table, at, order === 'ascending' ? 1 : -1);
			});
		});
	}
}

function sort(table: HTMLTableElement, column: number, direction: number): void {
	const body = table.tBodies[0];
	if (!body) return;
	const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
	const value = (row: HTMLTableRowElement) => row.cells[column]?.dataset.value ?? '';
	const compare = (one: string, other: string) => {
		const difference = Number(one) - Number(other);
		return Number.isNaN(difference) ? collator.compare(one, other) : difference;
	};
	const rows = [...body.rows].sort((one, other) => direction * compare(value(one), value(other)));
	body.append(...rows);
}
