CREATE TABLE config (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  kind VARCHAR NOT NULL,
  profile VARCHAR NOT NULL,
  settings JSON NOT NULL,
  PRIMARY KEY (id),
  UNIQUE ("key")
);
CREATE TABLE dataset (
  id INTEGER NOT NULL,
  name VARCHAR NOT NULL,
  root VARCHAR NOT NULL,
  captions VARCHAR,
  registered INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX dataset_name ON dataset (name, root);
CREATE TABLE image (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  PRIMARY KEY (id),
  UNIQUE ("key")
);
CREATE TABLE prompt (
  id INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (text)
);
CREATE TABLE run (
  id INTEGER NOT NULL,
  command VARCHAR NOT NULL,
  arguments JSON NOT NULL,
  versions JSON NOT NULL,
  profile VARCHAR NOT NULL,
  host VARCHAR NOT NULL,
  device VARCHAR NOT NULL,
  started FLOAT NOT NULL,
  seconds FLOAT,
  status VARCHAR NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE vacancy (
  table_name TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  "key" BLOB,
  PRIMARY KEY (table_name, row_id)
)
 WITHOUT ROWID;
CREATE TABLE caption (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  image_id INTEGER NOT NULL,
  config_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  words JSON NOT NULL,
  run_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(image_id) REFERENCES image (id),
  FOREIGN KEY(config_id) REFERENCES config (id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX ix_caption_config_id ON caption (config_id);
CREATE INDEX ix_caption_image_id ON caption (image_id);
CREATE TABLE fact (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  name VARCHAR NOT NULL,
  sha256 BLOB NOT NULL,
  run_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE TABLE generation (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  prompt_id INTEGER NOT NULL,
  config_id INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  run_id INTEGER,
  sha256 BLOB,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(prompt_id) REFERENCES prompt (id),
  FOREIGN KEY(config_id) REFERENCES config (id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX ix_generation_config_id ON generation (config_id);
CREATE INDEX ix_generation_prompt_id ON generation (prompt_id);
CREATE TABLE look (
  image_id INTEGER NOT NULL,
  texture FLOAT NOT NULL,
  PRIMARY KEY (image_id),
  FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE
);
CREATE TABLE run_detail (
  run_id INTEGER NOT NULL,
  pid INTEGER,
  process VARCHAR,
  models VARCHAR,
  used JSON,
  PRIMARY KEY (run_id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE TABLE run_stage (
  id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  stage VARCHAR NOT NULL,
  units INTEGER NOT NULL,
  new INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  seconds FLOAT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX ix_run_stage_run_id ON run_stage (run_id);
CREATE TABLE source (
  id INTEGER NOT NULL,
  image_id INTEGER NOT NULL,
  root VARCHAR NOT NULL,
  path VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(image_id) REFERENCES image (id)
);
CREATE INDEX ix_source_image_id ON source (image_id);
CREATE UNIQUE INDEX source_place ON source (root, path);
CREATE TABLE dataset_caption (
  dataset_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  caption_id INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, source_id, position),
  FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE,
  FOREIGN KEY(source_id) REFERENCES source (id) ON DELETE CASCADE,
  FOREIGN KEY(caption_id) REFERENCES caption (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_dataset_caption_caption_id ON dataset_caption (caption_id);
CREATE INDEX ix_dataset_caption_source_id ON dataset_caption (source_id);
CREATE TABLE dataset_file (
  dataset_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, source_id),
  FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE,
  FOREIGN KEY(source_id) REFERENCES source (id) ON DELETE CASCADE
)
 WITHOUT ROWID;
CREATE INDEX ix_dataset_file_source_id ON dataset_file (source_id);
CREATE TABLE ranking (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  caption_id INTEGER NOT NULL,
  config_id INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  "order" JSON NOT NULL,
  scores JSON NOT NULL,
  run_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(caption_id) REFERENCES caption (id),
  FOREIGN KEY(config_id) REFERENCES config (id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX ix_ranking_caption_id ON ranking (caption_id);
CREATE INDEX ix_ranking_config_id ON ranking (config_id);
CREATE TABLE score (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  image_id INTEGER NOT NULL,
  generation_id INTEGER NOT NULL,
  config_id INTEGER NOT NULL,
  value FLOAT NOT NULL,
  run_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(image_id) REFERENCES image (id),
  FOREIGN KEY(generation_id) REFERENCES generation (id),
  FOREIGN KEY(config_id) REFERENCES config (id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX score_of ON score (generation_id, image_id, config_id);
CREATE TABLE transmission (
  id INTEGER NOT NULL,
  "key" BLOB NOT NULL,
  ranking_id INTEGER NOT NULL,
  config_id INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  run_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE ("key"),
  FOREIGN KEY(ranking_id) REFERENCES ranking (id),
  FOREIGN KEY(config_id) REFERENCES config (id),
  FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX ix_transmission_config_id ON transmission (config_id);
CREATE INDEX ix_transmission_ranking_id ON transmission (ranking_id);
CREATE TABLE step (
  transmission_id INTEGER NOT NULL,
  k INTEGER NOT NULL,
  sent VARCHAR NOT NULL,
  received VARCHAR NOT NULL,
  source_bits INTEGER NOT NULL,
  channel_bits INTEGER NOT NULL,
  symbols INTEGER NOT NULL,
  bit_errors INTEGER NOT NULL,
  rounds INTEGER NOT NULL,
  prompt_id INTEGER NOT NULL,
  PRIMARY KEY (transmission_id, k),
  FOREIGN KEY(transmission_id) REFERENCES transmission (id),
  FOREIGN KEY(prompt_id) REFERENCES prompt (id)
)
 WITHOUT ROWID;
CREATE INDEX step_prompt ON step (prompt_id);
