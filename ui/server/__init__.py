"""The assistant over HTTP: one app for programs, for OpenAI's clients, for other pages, and for the chat page."""
