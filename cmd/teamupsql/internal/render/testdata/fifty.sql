FROM range(50)
