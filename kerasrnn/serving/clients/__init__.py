"""What the server does about clients: who may ask, how long they may take, what they send."""
