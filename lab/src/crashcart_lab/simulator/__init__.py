"""A provider of language models, simulated: OpenAI's wire format, real answers, disturbances on demand."""
