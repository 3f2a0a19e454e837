"""Makes the documentation: the site of ``make docs``, the pages that ``make reference`` writes."""
