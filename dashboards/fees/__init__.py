"""What it costs: fees against caps, costs against peers, money by month and kind, surplus, statements on time."""
