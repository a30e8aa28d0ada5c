"""How a plugin speaks with Pulumi's engine: messages, serving, words for a diff."""
