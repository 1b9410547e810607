"""What a sweep's rows say: tables, differences, claims, sensitivity, and theory beside them."""
