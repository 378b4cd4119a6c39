"""Who takes part: by district, stage, kind and grade, with attendance by month and the signs of forcing beside."""
