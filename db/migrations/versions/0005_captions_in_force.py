"""Data sets, their files and the captions in force of each; how an image looks.

Of a store from before it is not known which data set has brought which caption, nor from which file: each
folder is a data set, in which the captions are in force that were until now, the newest of each position.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """CREATE TABLE dataset (
  id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  root VARCHAR NOT NULL,
  captions VARCHAR,
  registered INTEGER NOT NULL,
  PRIMARY KEY (id)
)""",
    "CREATE UNIQUE INDEX dataset_name ON dataset (name, root)",
    """CREATE TABLE dataset_caption (
  dataset_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  caption_id INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, source_id, position),
  FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE,
  FOREIGN KEY(source_id) REFERENCES source (id) ON DELETE CASCADE,
  FOREIGN KEY(caption_id) REFERENCES caption (id) ON DELETE CASCADE
)
 WITHOUT ROWID""",
    "CREATE INDEX ix_dataset_caption_caption_id ON dataset_caption (caption_id)",
    "CREATE INDEX ix_dataset_caption_source_id ON dataset_caption (source_id)",
    """CREATE TABLE dataset_file (
  dataset_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, source_id),
  FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE,
  FOREIGN KEY(source_id) REFERENCES source (id) ON DELETE CASCADE
)
 WITHOUT ROWID""",
    "CREATE INDEX ix_dataset_file_source_id ON dataset_file (source_id)",
    """CREATE TABLE look (
  image_id INTEGER NOT NULL,
  texture FLOAT NOT NULL,
  PRIMARY KEY (image_id),
  FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE
)""",
    """INSERT INTO dataset (name, root, captions, registered)
  SELECT s.root, s.root,
    max(CASE WHEN c.id IS NOT NULL AND k.settings ->> 'captioner' = 'dataset' THEN '' END),
    row_number() OVER (ORDER BY max(s.id))
  FROM source s LEFT JOIN caption c ON c.image_id = s.image_id LEFT JOIN config k ON k.id = c.config_id
  GROUP BY s.root""",
    """INSERT INTO dataset_file (dataset_id, source_id)
  SELECT d.id, s.id FROM source s JOIN dataset d ON d.root = s.root""",
    """INSERT INTO dataset_caption (dataset_id, source_id, position, caption_id)
  SELECT d.id, s.id, row_number() OVER (PARTITION BY s.id ORDER BY c.config_id, c.position) - 1, c.id
  FROM source s JOIN dataset d ON d.root = s.root JOIN caption c ON c.image_id = s.image_id
  WHERE c.id IN (
    SELECT max(n.id) FROM caption n JOIN config k ON k.id = n.config_id
    WHERE k.settings ->> 'captioner' = 'dataset' GROUP BY n.config_id, n.image_id, n.position
  )""",
)


def upgrade() -> None:
    """Make the tables, and fill them from what there is."""
    for statement in STATEMENTS:
        op.execute(statement)
