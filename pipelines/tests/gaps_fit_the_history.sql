-- Gaps are missing exactly for tracks played once, and cannot exceed the last index.
select *
from {{ ref('history') }}
where (plays = 1) <> (gap_mean is null)
    or (plays = 1) <> (gap_median is null)
    or (plays = 1) <> (gap_last is null)
    or gap_min > gap_median
    or gap_min > gap_last
    or gap_mean * (plays - 1) > last_index + 0.001
