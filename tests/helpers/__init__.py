"""What tests build on: databases, installations, running servers, forms and slips."""
