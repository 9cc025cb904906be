"""What the tasks share that read texts by one tokenizer and train one head over them."""
