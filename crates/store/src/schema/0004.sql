-- The first rows of an import lay here unsealed; they are read from the run's sealed file instead.
UPDATE import_run SET body = json_remove(body, '$.sample') WHERE json_type(body, '$.sample') IS NOT NULL;
