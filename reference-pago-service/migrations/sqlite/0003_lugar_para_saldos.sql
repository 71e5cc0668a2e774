-- SQLite writes rows in their place: there is nothing to do. Both engines have the same versions.

select 1;
