print("exp012")
