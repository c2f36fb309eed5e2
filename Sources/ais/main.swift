print("ais")
