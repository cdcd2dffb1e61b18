interface Column {
  title: string;
  number?: boolean;
  unseen?: boolean; // its title is for who does not see the column
}

/** The head of a table whose rows are cards on a narrow screen; there only its roles make it a table. */
export function CardsHead({ columns }: { columns: readonly Column[] }) {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ title, number = false, unseen = false }) => (
          <th key={title} scope="col" role="columnheader" className={number ? 'number' : ''}>
            {unseen ? <span className="unseen">{title}</span> : title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
