"""Neural language models under the contract of all, and how they adapt to what they read."""
