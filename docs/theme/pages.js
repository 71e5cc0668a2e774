// Long names break where their words end and a rule's nowhere, and a cell knows its column's name, which it shows where a row is a card.
for (const element of document.querySelectorAll(".content td a, .content td code")) {
    element.classList.toggle("whole", /^[A-Z]+-\d+$/.test(element.textContent));
    for (const text of [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)) {
        const parts = text.textContent.split(/(?<=[_/])/);
        text.replaceWith(...parts.flatMap((part) => [document.createElement("wbr"), part]).slice(1));
    }
}
for (const table of document.querySelectorAll(".content table")) {
    const names = [...table.querySelectorAll("thead th")].map((name) => name.textContent);
    for (const row of table.querySelectorAll("tbody tr")) {
        [...row.cells].slice(1).forEach((cell, at) => names[at + 1] && cell.setAttribute("data-column", names[at + 1]));
    }
}
