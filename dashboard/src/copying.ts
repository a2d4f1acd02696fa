// A button with data-copy="id" copies the text of what has that id, and says so with its data-copied.
export function copyOnClick(): void {
	if (!navigator.clipboard) return; // only where the page came by https, or from this machine
	for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
		button.hidden = false;
		button.addEventListener('click', () => {
			const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
			void navigator.clipboard.writeText(text).then(() => tell(button));
		});
	}
}

function tell(button: HTMLButtonElement): void {
	const said = button.textContent;
	button.textContent = button.dataset.copied ?? said;
	button.setAttribute('aria-live', 'polite');
	setTimeout(() => (button.textContent = said), 2000);
}
