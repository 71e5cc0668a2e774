// Long names break where their words end, and a cell knows its column's name, which it shows where a row is a card.
for (const element of document.querySelectorAll(".content td a, .content td code")) {
    for (const text of [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)) {
        const parts = text.textContent.split(/(?<=[_/])/);
        text.replaceWith(...parts.flatMap((part) => [document.createElement("wbr"), part]).slice(1));
    }
}
for (const table of document.querySelectorAll(".content table")) {
    const names = [...table.querySelectorAll("thead th")].map((name) => name.textContent);
    for (const row of table.querySelectorAll("tbody tr")) {
        [...row.cells].slice(1).forEach((cell, at) => cell.setAttribute("data-column", names[at + 1] || ""));
    }
}
