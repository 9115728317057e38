"""What the program talks to instead of Pulumi's engine, and the engine instead of a cloud."""
